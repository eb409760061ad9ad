"""Tables that ship inside packages: whether the default setting is released, and what the doubles keep."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from layout import figure, show

HEADINGS = (
    *("table", "patients", "columns", "verdict", "failing", "shapes", "pairs", "TSTR", "gap", "propensity"),
    *("Cox overlap", "seconds"),
)


def table(*, quick: bool = False, markdown: bool = False) -> str:
    """Anonymize each table from its CSV file, by the default settings, and return what came out."""
    rows = []
    for name, frame in tables(quick):
        rows.append([name, str(frame.height), str(frame.width), *_anonymized(frame)])
        print(name, file=sys.stderr)
    return show("Package-shipped tables, anonymize with default settings", HEADINGS, rows, markdown=markdown)


def tables(quick: bool) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the tables whose packages are installed."""
    for name, load in _loaders().items():
        if quick and name not in ("breast_cancer", "gbsg2"):
            continue
        try:
            yield name, pl.from_pandas(load())
        except ImportError as error:
            print(f"{name} left out: {error.name} is not installed", file=sys.stderr)


def _loaders() -> dict[str, Callable[[], Any]]:
    def of_sklearn(name: str) -> Any:
        from sklearn import datasets

        return getattr(datasets, f"load_{name}")(as_frame=True).frame

    def of_sksurv(name: str) -> Any:
        import pandas as pd
        from sksurv import datasets

        predictors, answers = getattr(datasets, f"load_{name}")()
        categories = predictors.select_dtypes("category").columns
        predictors = predictors.astype(dict.fromkeys(categories, object))
        return pd.concat([predictors.reset_index(drop=True), pd.DataFrame(answers)], axis=1)

    def of_lifelines(name: str) -> Any:
        from lifelines import datasets

        return getattr(datasets, f"load_{name}")()

    return {
        "breast_cancer": lambda: of_sklearn("breast_cancer"),
        "diabetes": lambda: of_sklearn("diabetes"),
        "flchain": lambda: of_sksurv("flchain"),
        "gbsg2": lambda: of_sksurv("gbsg2"),
        "aids (ACTG 320)": lambda: of_sksurv("aids"),
        "whas500": lambda: of_sksurv("whas500"),
        "veterans": lambda: of_sksurv("veterans_lung_cancer"),
        "rossi": lambda: of_lifelines("rossi"),
        "kidney transplant": lambda: of_lifelines("kidney_transplant"),
        "dd": lambda: of_lifelines("dd"),
    }


def _anonymized(frame: pl.DataFrame) -> list[str]:
    from sosie import pipeline
    from sosie.errors import SosieError

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "patients.csv")
        frame.write_csv(source)
        started = time.perf_counter()
        try:
            evidence = pipeline.anonymize(
                source, Path(folder, "out"), pipeline.Settings(seed=0, home=Path(folder, "home"))
            )
        except SosieError as error:
            return [f"error {error.exit_code}", *(["-"] * 8)]
        seconds = time.perf_counter() - started
    failing = [one for one in evidence.verdict.criteria if one.status.value != "passed"]
    kept = evidence.utility.get("tables", {})
    predicted = kept.get("tstr") or [{}]
    return [
        evidence.verdict.decision.value,
        str(len(failing)),
        *(figure(kept.get(key)) for key in ("shapes", "pairs")),
        figure(predicted[0].get("doubles")),
        *(figure(kept.get(key)) for key in ("tstr_gap", "propensity_auc", "cox_overlap")),
        figure(seconds, 1),
    ]
