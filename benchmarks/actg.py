"""ACTG 175: privacy and fidelity of doubles of ``train_i``, judged with ``control_i``, as means over splits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import metrics
import numpy as np
import peers
import polars as pl
from layout import figure, show
from peers import Made

HEADINGS = (
    *("doubles", "AUC", "TPR@1%", "isolated", "singled out", "shapes", "pairs", "TSTR", "gap", "propensity"),
    *("Cox overlap", "seconds", "x ours"),
)
PUBLISHED = ("avatar", "synthpop", "ctgan")
TARGET, DURATION, ARM = "cens", "days", "arms"
OURS = "Sosie"
Maker = Callable[[pl.DataFrame, int], Made]


def data_folder() -> Path | None:
    """Return the folder of the open data, or say that it is missing."""
    folder = Path(os.environ.get("SOSIE_BENCH_DATA", "../shared/data")) / "aids"
    if (folder / "train_0.csv").is_file():
        return folder
    print(f"ACTG 175 left out: no {folder}; SOSIE_BENCH_DATA names the folder that holds aids/", file=sys.stderr)
    return None


def table(splits: Sequence[int], ctgan_epochs: int | None, *, markdown: bool = False) -> str | None:
    """Run every maker on every split and return the table, None without the data."""
    folder = data_folder()
    if folder is None:
        return None
    import sklearn.ensemble
    import sklearn.neighbors  # noqa: F401  (limits apply to what is loaded)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        found = _measured(folder, splits, _makers(ctgan_epochs))
    means = {
        name: {key: float(np.nanmean([row[key] for row in rows])) for key in rows[0]} for name, rows in found.items()
    }
    order = sorted(means, key=lambda name: (name != OURS, name.startswith("published"), name == "another real sample"))
    ours = means[OURS]["seconds"]
    rows = [_row(name, means[name], ours) for name in order]
    of = ", ".join(map(str, splits))
    title = f"ACTG 175, mean of splits {of}, one thread each; real TSTR {figure(means[OURS]['real'])}"
    return show(title, HEADINGS, rows, markdown=markdown)


def _measured(folder: Path, splits: Sequence[int], makers: dict[str, Maker]) -> dict[str, list[dict[str, float]]]:
    """Return the figures of every maker, one row a split."""
    peers.sosie_doubles(_read(folder / "train_0.csv"), 100, 0)  # compile once, outside the clock
    found: dict[str, list[dict[str, float]]] = {}
    for split in splits:
        train, control = (_read(folder / f"{name}_{split}.csv") for name in ("train", "control"))
        control = control.select(train.columns)
        real = metrics.predicted(metrics.matrix(train), metrics.matrix(control), train.columns.index(TARGET))
        for name in PUBLISHED:
            release = _read(folder / f"published_{name}_{split}.csv").select(train.columns)
            found.setdefault(f"published {name}", []).append(_judge(train, control, Made(release, None), real))
        for name, make in makers.items():
            found.setdefault(name, []).append(_judge(train, control, make(train, split), real))
            print(f"split {split}: {name}", file=sys.stderr)
        found.setdefault("another real sample", []).append(_floor(train, control))
    return found


def _makers(ctgan_epochs: int | None) -> dict[str, Maker]:
    makers: dict[str, Maker] = {
        OURS: lambda train, seed: peers.sosie_doubles(train, len(train), seed),
        "trees, leaves of 5": lambda train, seed: peers.cart_doubles(train, len(train), seed, 5),
        "trees, leaves of 20": lambda train, seed: peers.cart_doubles(train, len(train), seed, 20),
        "Gaussian copula": lambda train, seed: peers.copula_doubles(train, len(train), seed),
    }
    if ctgan_epochs:
        name = f"CTGAN, {ctgan_epochs} epochs"
        makers[name] = lambda train, seed: peers.ctgan_doubles(train, len(train), seed, ctgan_epochs)
    return makers


def _judge(train: pl.DataFrame, control: pl.DataFrame, made: Made, real: float) -> dict[str, float]:
    original, outside, doubles = (metrics.matrix(frame) for frame in (train, control, made.frame))
    attack = metrics.membership(original, outside, doubles, np.random.default_rng(0))
    tstr = metrics.predicted(doubles, outside, train.columns.index(TARGET))
    return {
        **attack,
        "singled": metrics.singled_out(original, outside, doubles),
        "shapes": metrics.shapes(original, doubles),
        "pairs": metrics.pairs(original, doubles),
        "tstr": tstr,
        "gap": real - tstr,
        "propensity": metrics.propensity(original, doubles),
        "cox": metrics.cox_overlap(train, made.frame, DURATION, TARGET, ARM),
        "seconds": float("nan") if made.seconds is None else made.seconds,
        "real": real,
    }


def _floor(train: pl.DataFrame, control: pl.DataFrame) -> dict[str, float]:
    """Judge the control as if it were a release: closer to the patients than this is fitting them."""
    half = np.arange(control.height) % 2 == 0
    release, outside = control.filter(pl.Series(half)), control.filter(pl.Series(~half))
    figures = _judge(train, outside, Made(release, None), float("nan"))
    original, doubles = metrics.matrix(train), metrics.matrix(control)
    return {
        **figures,
        "shapes": metrics.shapes(original, doubles),
        "pairs": metrics.pairs(original, doubles),
        "propensity": metrics.propensity(original, doubles),
        "cox": metrics.cox_overlap(train, control, DURATION, TARGET, ARM),
        "tstr": float("nan"),
    }


def _row(name: str, found: dict[str, float], ours: float) -> list[str]:
    keys = ("auc", "tpr", "isolated", "singled", "shapes", "pairs", "tstr", "gap", "propensity", "cox")
    ratio = found["seconds"] / ours
    return [name, *(figure(found[key]) for key in keys), figure(found["seconds"], 2), figure(ratio, 1)]


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=None, null_values=["", "NA"])
