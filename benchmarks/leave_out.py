"""The leave-out attack on ACTG 175: ours, its peers, and pure noise; then how often the gate refuses pure noise.

python benchmarks/leave_out.py                  n = 1,000, 100 replicates
python benchmarks/leave_out.py --patients 100   another size
python benchmarks/leave_out.py --null 200       false refusals of the gate over 200 null draws, by n
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np
import peers
import polars as pl
from actg import data_folder
from layout import figure, show

from sosie import doubles
from sosie.attack import leave_out
from sosie.attack.typicality import Typicality
from sosie.autopilot import families
from sosie.cohort import Cohort, Column, Kind, Rows, Vectors
from sosie.engine import Engine
from sosie.evidence import Status
from sosie.manifest import Manifest
from sosie.release import gate
from sosie.synthesis.catalogue import Setting
from sosie.tables.modality import Tables
from sosie.tables.source import from_frame

HEADINGS = ("doubles", "AUC", "bound", "TPR@1%", "bound", "isolated", "bound", "nearest", "columns", "gate", "seconds")
Maker = Callable[[pl.DataFrame, int, int], pl.DataFrame]


def main() -> None:
    """Print the table that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20, help="rounds of five replicates")
    parser.add_argument("--null", type=int, metavar="DRAWS", help="calibrate the gate instead")
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    print(
        calibration(asked.null, asked.markdown) if asked.null else attack(asked.patients, asked.rounds, asked.markdown)
    )


def attack(patients: int, rounds: int, markdown: bool) -> str:
    """Attack every maker on the same patients."""
    folder = data_folder()
    if folder is None:
        sys.exit(0)
    frame = pl.read_csv(folder / "train_0.csv", infer_schema_length=None)
    frame = frame[np.random.default_rng(5).permutation(frame.height)[:patients]]
    manifest, modality = Manifest(), Tables()
    part = from_frame(frame)
    part = modality.assign(part, modality.identify(part, manifest), manifest)
    cohort, modalities = Cohort.of({"tables": part}), {"tables": modality}
    observer = doubles.Observer.of(cohort, modalities, manifest)
    seen = observer.look(cohort)

    # Where the search of a cohort of this size begins.
    maker = Setting.default(families("auto", patients)[0]).build(manifest.k)

    def ours(rows: Rows, rng: np.random.Generator) -> Vectors:
        return observer.look(doubles.make(cohort.take(rows), modalities, manifest, maker, patients, rng))

    def peer(make: Maker) -> leave_out.Generate:
        def generate(rows: Rows, rng: np.random.Generator) -> Vectors:
            made = make(frame[rows], patients, int(rng.integers(2**31)))
            return observer.look(Cohort.of({"tables": modality.conform(from_frame(made), part)}))

        return generate

    makers: dict[str, leave_out.Generate] = {
        "Sosie": ours,
        "scikit-learn trees, leaves of 5": peer(lambda train, n, seed: peers.cart_doubles(train, n, seed, 5).frame),
        "scikit-learn trees, leaves of 20": peer(lambda train, n, seed: peers.cart_doubles(train, n, seed, 20).frame),
        "scikit-learn trees, leaves of 50": peer(lambda train, n, seed: peers.cart_doubles(train, n, seed, 50).frame),
        "Gaussian copula": peer(lambda train, n, seed: peers.copula_doubles(train, n, seed).frame),
        "pure noise": lambda rows, rng: _noise(seen, patients, rng),
    }
    table = [_row(name, seen, generate, rounds) for name, generate in makers.items()]
    return show(
        f"ACTG 175, leave-out attack, n = {patients}, {rounds * leave_out.FOLDS} replicates",
        HEADINGS,
        table,
        markdown=markdown,
    )


def _row(name: str, seen: Vectors, generate: leave_out.Generate, rounds: int) -> list[str]:
    started = time.perf_counter()
    replicates = leave_out.replicate(seen, generate, rounds=rounds, rng=np.random.default_rng(1), engine=Engine())
    membership = leave_out.membership(replicates, np.random.default_rng(2))
    seconds = time.perf_counter() - started
    criteria = gate.from_replicates(membership, leave_out.excess(replicates), Typicality(0, 1, "", 0), rounds)
    status = {criterion.status for criterion in criteria}
    verdict = "failed" if Status.FAILED in status else "passed" if status == {Status.PASSED} else "not demonstrated"
    figures = [
        value
        for one in (membership.auc, membership.tpr, membership.isolated_auc)
        for value in (one.value, one.upper_95)
    ]
    parts = [membership.by_statistic[statistic][0] for statistic in ("nearest", "columns")]
    return [name, *(figure(value) for value in (*figures, *parts)), verdict, f"{seconds:.0f}"]


def _noise(seen: Vectors, n: int, rng: np.random.Generator) -> Vectors:
    """Columns drawn apart from one another, and from a fixed population: nothing of these patients."""
    values = np.column_stack([rng.permutation(np.resize(np.unique(column), n)) for column in seen.values.T])
    return Vectors(seen.columns, values)


def calibration(draws: int, markdown: bool) -> str:
    """Count how often the gate refuses releases that never saw a patient, by n."""
    rows = []
    for n, rounds in ((100, 20), (300, 10), (1000, 5)):
        refused, areas, rates = dict.fromkeys(Status, 0), [], []
        for draw in range(draws):
            rng = np.random.default_rng(draw)
            patients = _population(n, rng)
            replicates = leave_out.replicate(
                patients, lambda kept, stream, n=n: _population(n, stream), rounds=rounds, rng=rng, engine=Engine()
            )
            membership = leave_out.membership(replicates, rng)
            criteria = gate.from_replicates(membership, leave_out.excess(replicates), Typicality(0, 1, "", 0), rounds)
            worst = {criterion.status for criterion in criteria}
            verdict = Status.FAILED if Status.FAILED in worst else Status.NOT_DEMONSTRATED
            refused[Status.PASSED if worst == {Status.PASSED} else verdict] += 1
            areas.append(membership.by_statistic["combined"][0])
            rates.append(membership.by_statistic["combined"][1])
        rows.append(
            [
                str(n),
                str(rounds * leave_out.FOLDS),
                *(f"{refused[status] / draws:.1%}" for status in Status),
                figure(float(np.mean(areas))),
                f"{np.mean(rates):.4f} +- {np.std(rates):.4f}",
            ]
        )
    headings = ("patients", "replicates", *(status.value for status in Status), "AUC", "TPR@1%")
    return show(f"The gate on releases that never saw a patient, {draws} draws", headings, rows, markdown=markdown)


def _population(n: int, rng: np.random.Generator) -> Vectors:
    """Draw people of a fixed population: ten correlated numbers, some missing, and six codes that depend on them."""
    factor = rng.normal(size=(n, 3))
    loads = np.random.default_rng(0).normal(size=(3, 10))
    numbers = factor @ loads + rng.normal(size=(n, 10))
    numbers[rng.random((n, 10)) < 0.03] = np.nan
    codes = np.column_stack(
        [
            (factor[:, j % 3] + rng.normal(size=n) > cut).astype(float)
            for j, cut in enumerate((-1, -0.5, 0, 0.5, 1, 1.5))
        ]
    )
    columns = [Column(f"x{j}", Kind.NUMERIC) for j in range(10)]
    columns += [Column(f"c{j}", Kind.CATEGORICAL, 2) for j in range(6)]
    return Vectors(tuple(columns), np.hstack([numbers, codes]))


if __name__ == "__main__":
    main()
