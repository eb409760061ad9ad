"""Differential privacy on ACTG 175: what the doubles keep at each epsilon, and what the leave-out attack still finds.

python benchmarks/private.py                     splits 0-4, three draws each
python benchmarks/private.py --splits 0 --draws 1 --rounds 0     without the attack

Bounds and categories are those that the study's protocol and a clinic's common sense give, in round figures; the
target is declared. Delta is 1 / n^1.5 of the noisy number of patients, rounded down.
"""

from __future__ import annotations

import argparse
import sys
import time

import metrics
import numpy as np
import polars as pl
from actg import TARGET, data_folder
from layout import figure, show

from sosie import doubles, intake
from sosie.attack import leave_out
from sosie.cohort import Cohort, Rows, Vectors
from sosie.engine import Engine
from sosie.intake import Source
from sosie.manifest import ColumnManifest, Manifest, TableManifest, Target
from sosie.release.private import Private
from sosie.tables.modality import Tables
from sosie.tables.source import from_frame

HEADINGS = ("epsilon", "shapes", "TSTR", "pairs", "AUC", "isolated AUC", "seconds")
EPSILONS = (1.0, 3.0, 10.0)
BOUNDS = {
    "age": (0, 100),
    "wtkg": (20, 200),
    "preanti": (0, 3650),
    "days": (0, 1500),
    **dict.fromkeys(("cd40", "cd420", "cd496"), (0, 2000)),
    **dict.fromkeys(("cd80", "cd820"), (0, 5000)),
}
CATEGORIES = {"karnof": (70, 80, 90, 100), "strat": (1, 2, 3), "arms": (0, 1, 2, 3)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, nargs="+", default=[0, 1, 2, 3, 4], choices=range(5), metavar="I")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=4, help="rounds of five replicates, on the first split")
    parser.add_argument("--undeclared", action="store_true", help="bounds are found and paid for")
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    folder = data_folder()
    if folder is None:
        sys.exit(0)
    frames = {
        (name, split): pl.read_csv(folder / f"{name}_{split}.csv", infer_schema_length=None)
        for name in ("train", "control")
        for split in asked.splits
    }
    rows = []
    for epsilon in EPSILONS:
        kept = [
            _kept(frames["train", split], frames["control", split], epsilon, draw, declared=not asked.undeclared)
            for split in asked.splits
            for draw in range(asked.draws)
        ]
        shapes, tstr, pairs, seconds = np.mean(kept, axis=0)
        found = _attacked(frames["train", asked.splits[0]], epsilon, asked.rounds, declared=not asked.undeclared)
        rows.append([f"{epsilon:g}", *(figure(value) for value in (shapes, tstr, pairs, *found)), f"{seconds:.2f}"])
    print(show(f"ACTG 175, differential privacy, splits {asked.splits}", HEADINGS, rows, markdown=asked.markdown))


def manifest(columns: list[str], *, declared: bool) -> Manifest:
    """Declare what is public of the study."""
    said = {name: ColumnManifest(bounds=bounds) for name, bounds in BOUNDS.items()} if declared else {}
    for name in set(columns) - BOUNDS.keys():
        values = CATEGORIES.get(name, (0, 1))
        said[name] = ColumnManifest(kind="categorical", categories=tuple(str(value) for value in values))
    return Manifest(tables={"table": TableManifest(columns=said)}, targets=(Target(column=TARGET),))


def _source(frame: pl.DataFrame, declared: bool) -> Source:
    return intake.prepare(
        "ACTG 175", {"tables": from_frame(frame)}, {"tables": Tables()}, manifest(frame.columns, declared=declared)
    )


def _made(source: Source, cohort: Cohort, epsilon: float, size: int, rng: np.random.Generator) -> Cohort:
    return doubles.fit(cohort, source.modalities, source.manifest, Private(epsilon), rng).draw(size, rng)


def _kept(
    train: pl.DataFrame, control: pl.DataFrame, epsilon: float, draw: int, *, declared: bool
) -> tuple[float, float, float, float]:
    source, rng = _source(train, declared), np.random.default_rng(draw)
    started = time.perf_counter()
    made = _made(source, source.cohort, epsilon, train.height, rng)
    seconds = time.perf_counter() - started
    released = made.parts["tables"].tables[0].frame  # type: ignore[attr-defined]
    original, outside, doubled = (metrics.matrix(frame.select(train.columns)) for frame in (train, control, released))
    tstr = metrics.predicted(doubled, outside, train.columns.index(TARGET))
    return metrics.shapes(original, doubled), tstr, metrics.pairs(original, doubled), seconds


def _attacked(train: pl.DataFrame, epsilon: float, rounds: int, *, declared: bool) -> tuple[float | None, float | None]:
    """Return the AUC of the leave-out attack, over all patients and the isolated ones."""
    if not rounds:
        return None, None
    source = _source(train, declared)
    observer = doubles.Observer.of(source.cohort, source.modalities, source.manifest)

    def generate(rows: Rows, rng: np.random.Generator) -> Vectors:
        return observer.look(_made(source, source.cohort.take(rows), epsilon, train.height, rng))

    replicates = leave_out.replicate(
        observer.look(source.cohort), generate, rounds=rounds, rng=np.random.default_rng(1), engine=Engine()
    )
    found = leave_out.membership(replicates, np.random.default_rng(2))
    return found.auc.value, found.isolated_auc.value


if __name__ == "__main__":
    main()
