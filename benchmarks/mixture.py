"""The mixture beside the trees: what each strength costs, on ACTG 175 and on made-up embeddings.

python benchmarks/mixture.py --patients 100 --rounds 40     frontier on ACTG 175
python benchmarks/mixture.py --patients 1000 --rounds 10    another size
python benchmarks/mixture.py --embeddings 300               clustered latents of 32 dimensions
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import metrics
import numpy as np
import polars as pl
from actg import TARGET, data_folder
from layout import figure, show

from sosie import doubles
from sosie.attack import leave_out
from sosie.cohort import Cohort, Column, Kind, Rows, Synthesizer, Vectors
from sosie.engine import Engine
from sosie.manifest import Manifest
from sosie.synthesis.mixture import Mixture
from sosie.synthesis.trees import Trees
from sosie.tables.modality import Tables
from sosie.tables.source import from_frame

ATTACKS = ("AUC", "bound", "TPR@1%", "isolated", "bound")
STRENGTHS = (0.09, 0.13, 0.2, 0.3, 0.5, float("inf"))
SHARES = {100: (0.02, 0.05, 0.11, 0.25, 0.5), 1000: (0.02, 0.05, 0.1, 0.2, 0.5)}
DRAWS = 10
WIDTH, CLUSTERS = 32, 4


def main() -> None:
    """Print the table that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=40, help="rounds of five replicates")
    parser.add_argument("--embeddings", type=int, metavar="PATIENTS", help="made-up embeddings instead")
    parser.add_argument("--strengths", type=float, nargs="*", default=STRENGTHS)
    parser.add_argument("--shares", type=float, nargs="*", help="shares of donors of the trees")
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    if asked.embeddings:
        print(embeddings(asked.embeddings, asked.rounds, asked.strengths, asked.markdown))
        return
    shares = SHARES.get(asked.patients, ()) if asked.shares is None else asked.shares
    makers: dict[str, Synthesizer] = {
        f"mixture, {strength}": Mixture(deflection=strength) for strength in asked.strengths
    }
    makers |= {f"trees, {share} of donors": Trees(donors=share) for share in shares} | {"trees, default": Trees()}
    print(tables(asked.patients, asked.rounds, makers, asked.markdown))


def tables(patients: int, rounds: int, makers: dict[str, Synthesizer], markdown: bool = False) -> str:
    """Attack each synthesizer on the same patients of ACTG 175, and measure what its doubles keep."""
    folder = data_folder()
    if folder is None:
        sys.exit(0)
    frame, unseen = (_read(folder / f"{name}_0.csv") for name in ("train", "control"))
    frame = frame[np.random.default_rng(5).permutation(frame.height)[:patients]]
    manifest, modality = Manifest(), Tables()
    part = from_frame(frame)
    part = modality.assign(part, modality.identify(part, manifest), manifest)
    cohort, modalities = Cohort.of({"tables": part}), {"tables": modality}
    observer = doubles.Observer.of(cohort, modalities, manifest)
    original, outside = metrics.matrix(frame), metrics.matrix(unseen.select(frame.columns))
    rows = []
    for name, maker in makers.items():

        def generate(kept: Rows, rng: np.random.Generator, maker: Synthesizer = maker) -> Vectors:
            return observer.look(doubles.fit(cohort.take(kept), modalities, manifest, maker, rng).draw(patients, rng))

        rng, kept = np.random.default_rng(3), []
        for _ in range(DRAWS):
            fitted = doubles.fit(cohort, modalities, manifest, maker, rng)
            made = metrics.matrix(fitted.draw(patients, rng).parts["tables"].tables[0].frame.select(frame.columns))  # type: ignore[attr-defined]
            kept.append(
                (
                    metrics.shapes(original, made),
                    metrics.pairs(original, made),
                    metrics.predicted(made, outside, frame.columns.index(TARGET)),
                )
            )
        attacked = _attacked(observer.look(cohort), generate, rounds)
        rows.append([name, *attacked, *(figure(value) for value in np.mean(kept, axis=0))])
        print(rows[-1], file=sys.stderr, flush=True)
    title = f"ACTG 175, n = {patients}, {rounds * leave_out.FOLDS} replicates; utility of {DRAWS} draws"
    return show(title, ("doubles", *ATTACKS, "shapes", "pairs", "TSTR"), rows, markdown=markdown)


def embeddings(patients: int, rounds: int, strengths: tuple[float, ...], markdown: bool = False) -> str:
    """Compare with a mixture of full covariances on clustered latents whose population is known."""
    latents = population(patients, np.random.default_rng(0))
    unseen = population(20_000, np.random.default_rng(1)).values
    makers: dict[str, leave_out.Generate] = {}
    for strength in strengths:
        maker = Mixture(deflection=strength)
        makers[f"mixture, {strength}"] = lambda kept, rng, maker=maker: maker.fit(latents.take(kept), rng).sample(
            patients, rng
        )
    makers["trees, default"] = lambda kept, rng: Trees().fit(latents.take(kept), rng).sample(patients, rng)
    makers["scikit-learn, full covariance"] = lambda kept, rng: _full(latents.take(kept), patients, rng)
    makers["another real sample"] = lambda kept, rng: population(patients, rng)
    rows = []
    for name, generate in makers.items():
        rng = np.random.default_rng(3)
        started = time.perf_counter()
        made = [generate(np.arange(patients), rng).values for _ in range(DRAWS)]
        seconds = (time.perf_counter() - started) / DRAWS
        fidelity = np.mean([_distances(unseen, one) for one in made], axis=0)
        rows.append(
            [name, *_attacked(latents, generate, rounds), *(figure(value) for value in fidelity), figure(seconds)]
        )
        print(rows[-1], file=sys.stderr, flush=True)
    title = f"{WIDTH} latents in {CLUSTERS} clusters, n = {patients}, {rounds * leave_out.FOLDS} replicates"
    return show(title, ("doubles", *ATTACKS, "mean", "covariance", "Frechet", "seconds"), rows, markdown=markdown)


def population(n: int, rng: np.random.Generator) -> Vectors:
    """Draw clustered, correlated latents of one fixed population."""
    fixed = np.random.default_rng(9)
    centres = 1.5 * fixed.normal(size=(CLUSTERS, WIDTH)) * (fixed.random(WIDTH) < 0.5)
    loads = fixed.normal(size=(4, WIDTH))
    member = rng.integers(0, CLUSTERS, n)
    values = centres[member] + rng.normal(size=(n, 4)) @ loads / 2 + rng.normal(size=(n, WIDTH))
    return Vectors(tuple(Column(f"z{j}", Kind.NUMERIC) for j in range(WIDTH)), values)


def _attacked(seen: Vectors, generate: leave_out.Generate, rounds: int) -> list[str]:
    replicates = leave_out.replicate(seen, generate, rounds=rounds, rng=np.random.default_rng(1), engine=Engine(1))
    found = leave_out.membership(replicates, np.random.default_rng(2))
    values = (
        found.auc.value,
        found.auc.upper_95,
        found.tpr.value,
        found.isolated_auc.value,
        found.isolated_auc.upper_95,
    )
    return [figure(value) for value in values]


def _full(latents: Vectors, n: int, rng: np.random.Generator) -> Vectors:
    from sklearn.mixture import GaussianMixture

    seed = int(rng.integers(2**31))
    model = GaussianMixture(CLUSTERS, covariance_type="full", reg_covar=1e-3, random_state=seed).fit(latents.values)
    return Vectors(latents.columns, model.sample(n)[0])


def _distances(population: metrics.Floats, made: metrics.Floats) -> tuple[float, float, float]:
    """Relative errors of the mean and of the covariance, and the Frechet distance of two normals."""
    from scipy.linalg import sqrtm

    means, spreads = ([table.mean(axis=0) for table in (population, made)], [np.cov(t.T) for t in (population, made)])
    gap = means[0] - means[1]
    root = sqrtm(spreads[0] @ spreads[1])
    frechet = gap @ gap + np.trace(spreads[0] + spreads[1] - 2 * np.real(root))
    return (
        float(np.sqrt(gap @ gap / np.trace(spreads[0]))),
        float(np.linalg.norm(spreads[0] - spreads[1]) / np.linalg.norm(spreads[0])),
        float(frechet),
    )


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=None, null_values=["", "NA"])


if __name__ == "__main__":
    main()
