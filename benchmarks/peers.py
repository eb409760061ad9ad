"""Who makes doubles: Sosie, and what its users have today. Each maker takes a frame and a seed, and gives a frame."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CTGAN_VENV = Path(__file__).resolve().parents[1] / ".venv-bench-ctgan"
CTGAN_PACKAGES = ("torch==2.13.0", "ctgan==0.12.1")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
CTGAN_SCRIPT = """
import sys, time, numpy, pandas, torch
from ctgan import CTGAN
source, target, epochs, seed, rows, *discrete = sys.argv[1:]
torch.manual_seed(int(seed)); numpy.random.seed(int(seed)); torch.set_num_threads(1)
frame = pandas.read_csv(source)
lacking = [name for name in frame if frame[name].isna().any()]
for name in lacking:
    frame["missing_" + name] = frame[name].isna().astype(int)
    frame[name] = frame[name].fillna(frame[name].median()) if name not in discrete else frame[name].astype(str)
started = time.perf_counter()
model = CTGAN(epochs=int(epochs), enable_gpu=False)
model.fit(frame, discrete + ["missing_" + name for name in lacking])
doubles = model.sample(int(rows))
seconds = time.perf_counter() - started
for name in lacking:
    doubles[name] = doubles[name].mask(doubles.pop("missing_" + name) == 1)
doubles.to_csv(target, index=False)
print(seconds)
"""


@dataclass(frozen=True)
class Made:
    """Doubles, and the seconds that fitting and drawing them took (None where somebody else did)."""

    frame: pl.DataFrame
    seconds: float | None


def sosie_doubles(train: pl.DataFrame, n: int, seed: int, jobs: int = 1) -> Made:
    """Make doubles with Sosie's default synthesizer; roles are found before the clock starts."""
    from sosie import doubles
    from sosie.cohort import Cohort
    from sosie.manifest import Manifest
    from sosie.synthesis.trees import Trees
    from sosie.tables.modality import Tables
    from sosie.tables.source import from_frame

    manifest, modality, rng = Manifest(), Tables(), np.random.default_rng(seed)
    part = from_frame(train)
    part = modality.assign(part, modality.identify(part, manifest), manifest)
    cohort = Cohort.of({"tables": part})
    started = time.perf_counter()
    fitted = doubles.fit(cohort, {"tables": modality}, manifest, Trees(k=manifest.k, jobs=jobs), rng)
    drawn = fitted.draw(n, rng).parts["tables"]
    seconds = time.perf_counter() - started
    return Made(drawn.tables[0].frame, seconds)  # type: ignore[attr-defined]


def cart_doubles(train: pl.DataFrame, n: int, seed: int, leaf: int) -> Made:
    """Sequential trees as in synthpop: each column drawn from the donors in a leaf on the columns before it."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    started, rng = time.perf_counter(), np.random.default_rng(seed)
    codes, decode = _codes(train)
    doubles = np.empty((n, codes.shape[1]))
    for j in range(codes.shape[1]):
        column = codes[:, j]
        if j == 0:
            doubles[:, 0] = rng.choice(column, n)
            continue
        few = len(np.unique(column)) <= 10
        tree = (DecisionTreeClassifier if few else DecisionTreeRegressor)(min_samples_leaf=leaf, random_state=seed)
        target = np.nan_to_num(column, nan=-1.0) if few else np.nan_to_num(column, nan=_below(column))
        tree.fit(codes[:, :j], target)
        leaves, wanted = tree.apply(codes[:, :j]), tree.apply(doubles[:, :j])
        order = np.argsort(leaves, kind="stable")
        first = np.searchsorted(leaves[order], wanted, "left")
        count = np.searchsorted(leaves[order], wanted, "right") - first
        doubles[:, j] = column[order[first + (rng.random(n) * count).astype(np.int64)]]
    return Made(decode(doubles), time.perf_counter() - started)


def copula_doubles(train: pl.DataFrame, n: int, seed: int) -> Made:
    """Gaussian copula on jittered ranks; numbers come back by interpolation, codes and missing values as they are."""
    from scipy.stats import norm

    started, rng = time.perf_counter(), np.random.default_rng(seed)
    codes, decode = _codes(train)
    rows, width = codes.shape
    normal = np.empty_like(codes)
    for j in range(width):
        filled = np.nan_to_num(codes[:, j], nan=_below(codes[:, j]))
        order = np.lexsort((rng.random(rows), filled))
        normal[order, j] = norm.ppf((np.arange(rows) + 0.5) / rows)
    uniform = norm.cdf(rng.multivariate_normal(np.zeros(width), np.corrcoef(normal, rowvar=False), n))
    doubles = np.empty((n, width))
    for j in range(width):
        known = np.sort(codes[~np.isnan(codes[:, j]), j])
        missing = 1 - len(known) / rows
        at = np.clip((uniform[:, j] - missing) / max(1 - missing, 1e-12), 0, 1)
        few = len(np.unique(known)) <= 10
        drawn = np.quantile(known, at, method="inverted_cdf" if few else "linear") if len(known) else np.full(n, np.nan)
        if len(known) and (known == known.round()).all():
            drawn = drawn.round()
        doubles[:, j] = np.where(uniform[:, j] < missing, np.nan, drawn)
    return Made(decode(doubles), time.perf_counter() - started)


def avatar_doubles(train: pl.DataFrame, n: int, seed: int, components: int | None = None, neighbours: int = 20) -> Made:
    """The avatar recipe (Guillaudeux et al. 2023, doi:10.1038/s41746-023-00771-5): each patient becomes a mixture of k.

    Factor analysis of mixed data; the k nearest others weigh 1/distance, times an exponential draw, times a share
    that halves over the neighbours in random order; the mixture is projected back. Doubles come in random order.
    """
    started, rng = time.perf_counter(), np.random.default_rng(seed)
    codes, decode = _codes(train)
    blocks, reads = [], []
    for column in codes.T:
        known = column[~np.isnan(column)]
        levels = np.unique(known)
        if len(levels) <= 10:
            table = (column[:, None] == levels).astype(float)
            share = np.maximum(table.mean(axis=0), 1e-9)
            blocks.append((table - share) / np.sqrt(share))
            reads.append((levels, share, None))
        else:
            centre, scale = known.mean(), known.std() or 1.0
            blocks.append(((np.nan_to_num(column, nan=centre) - centre) / scale)[:, None])
            reads.append((levels, centre, scale))
    design = np.hstack(blocks)
    left, size, axes = np.linalg.svd(design, full_matrices=False)
    kept = len(size) if components is None else components
    points = left[:, :kept] * size[:kept]
    apart = np.sqrt(np.maximum(((points[:, None] - points[None]) ** 2).sum(axis=2), 0.0))
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1)[:, :neighbours]
    weight = 1.0 / np.maximum(np.take_along_axis(apart, near, axis=1), 1e-9)
    weight *= rng.exponential(size=weight.shape)
    weight *= rng.permuted(np.tile(0.5 ** np.arange(1, near.shape[1] + 1), (len(near), 1)), axis=1)
    weight /= weight.sum(axis=1, keepdims=True)
    mixed = np.einsum("ij,ijk->ik", weight, points[near]) @ axes[:kept]
    doubles, first = np.empty((len(mixed), codes.shape[1])), 0
    for j, (levels, centre, scale) in enumerate(reads):
        if scale is None:
            chosen = (mixed[:, first : first + len(levels)] * np.sqrt(centre) + centre).argmax(axis=1)
            doubles[:, j], first = levels[chosen], first + len(levels)
        else:
            found = mixed[:, first] * scale + centre
            doubles[:, j], first = found.round() if (levels == levels.round()).all() else found, first + 1
    order = rng.permutation(len(doubles))
    return Made(decode(doubles[np.resize(order, n)]), time.perf_counter() - started)


def ctgan_doubles(train: pl.DataFrame, n: int, seed: int, epochs: int) -> Made:
    """CTGAN in its own environment (its licence, BUSL, keeps it out of ours), made on first use."""
    python = CTGAN_VENV / "bin" / "python"
    if not python.exists():
        print(f"creating {CTGAN_VENV.name} (a large download) ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", CTGAN_VENV], check=True)
    if subprocess.run([python, "-c", "import ctgan"], capture_output=True, check=False).returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", *CTGAN_PACKAGES], check=True)
    discrete = [name for name in train.columns if train[name].dtype == pl.String or train[name].n_unique() <= 10]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "train.csv"), Path(folder, "doubles.csv")
        train.write_csv(source)
        command = [str(python), "-c", CTGAN_SCRIPT, str(source), str(target), str(epochs), str(seed), str(n), *discrete]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **ONE_THREAD})
        frame = pl.read_csv(target, infer_schema_length=None)
    return Made(frame.select(train.columns), float(done.stdout.split()[-1]))


def _codes(train: pl.DataFrame):  # type: ignore[no-untyped-def]
    """Return a frame as numbers (texts as codes, in alphabetical order), and the way back."""
    levels = {
        name: train[name].drop_nulls().unique().sort() for name in train.columns if train[name].dtype == pl.String
    }

    def encode(series: pl.Series) -> Floats:
        if series.name in levels:
            names = levels[series.name].to_list()
            series = series.replace_strict(names, list(range(len(names))), default=None, return_dtype=pl.Float64)
        return series.cast(pl.Float64).fill_null(np.nan).to_numpy()

    def decode(doubles: Floats) -> pl.DataFrame:
        columns = {}
        for j, (name, dtype) in enumerate(train.schema.items()):
            series = pl.Series(name, doubles[:, j]).fill_nan(None)
            if name in levels:
                columns[name] = levels[name].gather(series.cast(pl.Int64))
            else:
                columns[name] = series.cast(dtype) if dtype.is_integer() or dtype == pl.Boolean else series
        return pl.DataFrame(columns)

    return np.column_stack([encode(series) for series in train]), decode


def _below(column: Floats) -> float:
    """Return where a missing number stands: well below the others."""
    known = column[~np.isnan(column)]
    return float(known.min() - 1 - known.std()) if len(known) else 0.0
