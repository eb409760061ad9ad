"""The trained attack on five isolated and five random patients: ours, the avatar recipe, trees, copula, pure noise."""

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
from sosie.attack.epsilon import empirical_epsilon
from sosie.attack.leave_out import Generate
from sosie.attack.shadow import shadow
from sosie.autopilot import families
from sosie.cohort import Cohort, Rows, Vectors
from sosie.engine import Engine
from sosie.manifest import Manifest
from sosie.synthesis.catalogue import Setting
from sosie.tables.modality import Tables
from sosie.tables.source import from_frame

HEADINGS = ("doubles", "releases", "isolated", "bound", "random", "bound", "TPR@5%", "epsilon >=", "seconds")
Maker = Callable[[pl.DataFrame, int, int], pl.DataFrame]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked."""
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--releases", type=int, default=200)
    parser.add_argument("--only", nargs="*", help="makers, by the beginning of their name")
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--markdown", action="store_true")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> str:
    """Attack every maker on the same patients."""
    folder = data_folder()
    if folder is None:
        sys.exit(0)
    frame = pl.read_csv(folder / "train_0.csv", infer_schema_length=None)
    frame = frame[np.random.default_rng(5).permutation(frame.height)[: asked.patients]]
    seen, makers = _makers(frame)
    chosen = [name for name in makers if not asked.only or name.startswith(tuple(asked.only))]
    table = []
    for name in chosen:
        table.append(_row(name, seen, makers[name], asked.releases, asked.jobs))
        print(" ".join(table[-1]), file=sys.stderr)
    return show(f"ACTG 175, trained attack, n = {asked.patients}", HEADINGS, table, markdown=asked.markdown)


def _makers(frame: pl.DataFrame) -> tuple[Vectors, dict[str, Generate]]:
    patients = frame.height
    manifest, modality = Manifest(), Tables()
    part = from_frame(frame)
    part = modality.assign(part, modality.identify(part, manifest), manifest)
    cohort, modalities = Cohort.of({"tables": part}), {"tables": modality}
    observer = doubles.Observer.of(cohort, modalities, manifest)
    seen = observer.look(cohort)

    # Where the search of a cohort of this size begins.
    maker = Setting.default(families("auto", patients)[0]).build(manifest.k)

    def ours(rows: Rows, rng: np.random.Generator) -> Vectors:
        fitted = doubles.fit(cohort.take(rows), modalities, manifest, maker, rng)
        return observer.look(fitted.draw(patients, rng))

    def peer(make: Maker) -> Generate:
        def generate(rows: Rows, rng: np.random.Generator) -> Vectors:
            made = make(frame[rows], patients, int(rng.integers(2**31)))
            return observer.look(Cohort.of({"tables": modality.conform(from_frame(made), part)}))

        return generate

    def noise(rows: Rows, rng: np.random.Generator) -> Vectors:
        values = np.column_stack([rng.permutation(np.resize(np.unique(column), patients)) for column in seen.values.T])
        return Vectors(seen.columns, values)

    return seen, {
        "Sosie": ours,
        "avatar, all components": peer(lambda train, n, seed: peers.avatar_doubles(train, n, seed).frame),
        "avatar, 5 components": peer(lambda train, n, seed: peers.avatar_doubles(train, n, seed, 5).frame),
        "trees, leaves of 5": peer(lambda train, n, seed: peers.cart_doubles(train, n, seed, 5).frame),
        "Gaussian copula": peer(lambda train, n, seed: peers.copula_doubles(train, n, seed).frame),
        "pure noise": noise,
    }


def _row(name: str, seen: Vectors, generate: Generate, releases: int, jobs: int) -> list[str]:
    started = time.perf_counter()
    found = shadow(seen, generate, releases=releases, rng=np.random.default_rng(1), engine=Engine(jobs))
    seconds = time.perf_counter() - started
    targets = len(found.by_target)
    proved = empirical_epsilon(found.scores.reshape(-1, targets), found.design.out.reshape(-1, targets), 0.0)
    figures = [value for one in (found.isolated, found.random) for value in (one.value, one.upper_95)]
    return [
        name,
        str(found.design.releases),
        *(figure(value) for value in figures),
        figure(found.tpr["isolated"][0.05]),
        f"{proved.lower:.2f}",
        f"{seconds:.0f}",
    ]
