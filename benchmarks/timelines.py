"""Doubles of timelines: what they keep and give away, beside a copy, another real sample and SDV's PARSynthesizer.

python benchmarks/timelines.py                       NAFLD, pbcseq and the MIMIC-IV demo (timelines/, omop/ of SOSIE_BENCH_DATA)
python benchmarks/timelines.py --data nafld --seed 1 one of them, on one split
python benchmarks/timelines.py --par                 PARSynthesizer too, ten minutes each (its own environment)
python benchmarks/timelines.py --growth              seconds and memory of NAFLD, once to eleven times
"""  # noqa: E501

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import timelines_data as data
import timelines_figures as figures
from layout import figure, show

from sosie.cohort import Cohort
from sosie.manifest import Manifest
from sosie.synthesis.trees import Trees
from sosie.timelines.codec import TimelinesCodec
from sosie.timelines.events import NONE, Code, Events, TimelinesPart

VENV = Path(__file__).resolve().parents[1] / ".venv-bench-timelines"
PACKAGES = ("sdv==2.0.0",)
LIMIT = 600
FREQUENT = 22
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SCRIPT = """
import sys, warnings, pandas
warnings.simplefilter("ignore")
from sdv.metadata import Metadata
from sdv.sequential import PARSynthesizer
source, target, patients = sys.argv[1], sys.argv[2], int(sys.argv[3])
frame = pandas.read_csv(source)
metadata = Metadata.detect_from_dataframe(frame, table_name="events")
metadata.update_column(column_name="patient", sdtype="id")
for name in ("code", "sex", "dead"):
    metadata.update_column(column_name=name, sdtype="categorical")
metadata.set_sequence_key(column_name="patient")
model = PARSynthesizer(metadata, context_columns=["sex", "age", "followed", "dead"], epochs=int(sys.argv[4]))
model.fit(frame)
model.sample(num_sequences=patients).to_csv(target, index=False)
"""


@dataclass(frozen=True)
class Made:
    """Doubles (None where they were not finished) and the seconds they took."""

    part: TimelinesPart | None
    seconds: float


def ours(train: TimelinesPart, seed: int) -> Made:
    """Fit, encode, fit the synthesizer, sample as many doubles, decode."""
    rng = np.random.default_rng(seed)
    started = time.perf_counter()
    codec = TimelinesCodec.fit(train, Manifest(), rng)
    vectors = Trees(k=Manifest().k).fit(codec.encode(train), rng).sample(len(train.keys), rng)
    made = codec.decode(vectors, Cohort(tuple(str(at) for at in range(len(vectors)))), rng)
    return Made(made, time.perf_counter() - started)


def par(train: TimelinesPart, epochs: int) -> Made:
    """Fit PARSynthesizer (SDV; its licence keeps it out of ours) on gaps, codes and values, and sample as many."""
    python = VENV / "bin" / "python"
    if not python.exists():
        print(f"creating {VENV.name} (a large download) ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    if subprocess.run([python, "-c", "import sdv"], capture_output=True, check=False).returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    events, people = train.events, figures.landmark(train, ())
    same = np.concatenate([[False], np.diff(events.patient) == 0])
    frame = pl.DataFrame(
        {
            "patient": events.patient,
            "gap": np.where(same, np.concatenate([[0.0], np.diff(events.time)]), events.time),
            "code": [train.codes[at].code for at in events.code],
            "value": events.value,
            "sex": train.people["sex"].gather(events.patient),
            "age": people["age"].gather(events.patient),
            "followed": people["duration"].gather(events.patient),
            "dead": people["event"].gather(events.patient).cast(pl.String),
        }
    ).fill_nan(None)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "train.csv"), Path(folder, "doubles.csv")
        frame.write_csv(source)
        command = [str(python), "-c", SCRIPT, str(source), str(target), str(len(train.keys)), str(epochs)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=LIMIT, env={**os.environ, **ONE_THREAD})
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return Made(None, time.perf_counter() - started)
        found = pl.read_csv(target, infer_schema_length=None)
    return Made(_part(found, train), time.perf_counter() - started)


def _part(found: pl.DataFrame, like: TimelinesPart) -> TimelinesPart:
    at = {code.code: place for place, code in enumerate(like.codes)}
    rows = found.select("patient").unique(maintain_order=True).with_row_index("row")
    found = found.join(rows, on="patient", maintain_order="left").with_columns(
        time=pl.col("gap").cum_sum().over("patient")
    )
    found = found.drop_nulls("code").sort("row", "time")
    first = found.unique("row", keep="first", maintain_order=True)
    size = len(found)
    none = np.full(size, NONE, dtype=np.int32)
    events = Events(
        found["row"].to_numpy().astype(np.int32),
        found["time"].round().to_numpy().astype(np.float64),
        np.full(size, np.nan),
        np.array([at[code] for code in found["code"]], dtype=np.int32),
        found["value"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
        none,
        none,
    )
    people = first.select(
        "sex",
        birth=-pl.col("age") * 365.25,
        start=pl.lit(None, dtype=pl.Float64),
        stop=pl.col("followed").cast(pl.Float64),
        dead=pl.col("dead").cast(pl.String) == "1.0",
    )
    keys = tuple(str(row) for row in range(len(first)))
    return replace(like, keys=keys, people=people, events=events, present=np.ones(len(keys), dtype=bool))


def report(name: str, seed: int, with_par: bool, epochs: int) -> str:
    """Return the tables of one data set."""
    train, holdout = data.split(getattr(data, name)(), seed)
    made = {"ours": ours(train, seed), "another sample": Made(holdout, 0.0), "a copy": Made(train, 0.0)}
    if with_par:
        made["PARSynthesizer"] = par(train, epochs)
    codes = _frequent(train)
    real = figures.shares(train, codes)
    hazards = figures.hazards(train, codes) if name != "mimic" else {}
    best = figures.death_auc(train, holdout, codes) if hazards else float("nan")
    rows, cox = [], []
    for who, one in made.items():
        if one.part is None:
            rows.append([who, *["not finished"] * 3, *["-"] * 7, f"> {one.seconds:.0f}"])
            continue
        fits = [figures.r2(*pair) for pair in zip(real, figures.shares(one.part, codes), strict=True)]
        ks = list(figures.lab_ks(train, one.part).values())
        same = figures.hazards(one.part, codes) if hazards else {}
        agreed = [figures.agreement(hazards[each], same[each]) for each in hazards if each in same]
        cox += [
            [
                f"{who}: {each}",
                f"{hazards[each].value:.3f}",
                f"{same[each].value:.3f}",
                *_agreed(hazards[each], same[each]),
            ]
            for each in hazards
            if each in same
        ]
        auc = figures.death_auc(one.part, holdout, codes) if hazards else float("nan")
        risk = figures.membership(train, holdout, one.part, seed)
        above = figures.singled_out(train, one.part) - figures.singled_out(holdout, one.part)
        gaps = None if one.part is holdout else 100 * above
        rows.append(
            [
                who,
                *(figure(fit) for fit in fits),
                figure(float(np.median(ks)) if ks else None),
                f"{sum(inside for inside, _ in agreed)}/{len(agreed)}",
                figure(float(np.mean([share for _, share in agreed])) if agreed else None),
                figure(100 * (auc - best), 1),
                figure(gaps, 2),
                figure(risk.auc if risk else None),
                figure(risk.tpr if risk else None),
                f"{one.seconds:.1f}",
            ]
        )
    headings = ["", "shares R2", "pairs R2", "bigrams R2", "lab KS", "HR inside", "HR overlap", "TSTR - TRTR, points"]
    headings += ["two gaps %, above", "member AUC", "TPR at 1 %", "seconds"]
    title = f"{name}, split {seed}: {len(train.keys)} patients, {len(train.events)} events; real AUC {figure(best)}"
    told = show(title, headings, rows)
    return told + (show("log hazard ratios", ["", "real", "doubles", "inside", "overlap"], cox) if cox else "")


def _agreed(real: figures.Hazard, made: figures.Hazard) -> tuple[str, str]:
    inside, share = figures.agreement(real, made)
    return ("yes" if inside else "no", figure(share))


def _frequent(part: TimelinesPart) -> Sequence[Code]:
    had = figures.ever(part, part.codes).sum(axis=0)
    return [code for code, count in zip(part.codes, had, strict=True) if count >= FREQUENT]


def growth(times: Sequence[int]) -> str:
    """Return seconds and memory of larger and larger cohorts; memory is the highest so far."""
    part, rows = data.nafld(), []
    for time_ in times:
        many = data.repeated(part, time_)
        made = ours(many, 0)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        each = 1e6 * made.seconds / len(many.events)
        rows.append([f"{len(many.events):,}", f"{made.seconds:.1f}", f"{each:.1f}", f"{memory:.2f}"])
    return show("growth", ["events", "seconds", "seconds per million", "GB"], rows)


def main() -> None:
    """Print what was asked for."""
    asking = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asking.add_argument("--data", choices=("nafld", "pbcseq", "mimic"))
    asking.add_argument("--seed", type=int, default=1)
    asking.add_argument("--par", action="store_true")
    asking.add_argument("--epochs", type=int, default=128)
    asking.add_argument("--growth", action="store_true")
    asked = asking.parse_args()
    warnings.simplefilter("ignore")
    if not data.data_folder().is_dir():
        sys.exit(f"no {data.data_folder()}; SOSIE_BENCH_DATA names the folder that holds timelines/ and omop/")
    if asked.growth:
        print(growth((1, 3, 6, 11)))
        return
    for name in [asked.data] if asked.data else ["nafld", "pbcseq", "mimic"]:
        print(report(name, asked.seed, asked.par, asked.epochs), flush=True)


if __name__ == "__main__":
    main()
