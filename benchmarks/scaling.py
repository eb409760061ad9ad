"""How time and memory grow with rows and columns: one process a size, on a generated hospital-like table."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from layout import figure, show

HEADINGS = ("rows x columns", "seconds", "peak MB", "time(10n)/time(n)")
ROWS = (1_000, 10_000, 100_000, 1_000_000)
COLUMNS = (100, 300, 1_000)
WIDE_ROWS = 10_000
WIDTH = 26


def table(*, quick: bool = False, markdown: bool = False) -> str:
    """Measure encode to decode (fit and draw, rules included) and the peak memory of the whole process."""
    seconds: dict[int, float] = {}
    rows = []
    for n in ROWS[:3] if quick else ROWS:
        measured = _measured(n, WIDTH)
        seconds[n] = measured["seconds"]
        ratio = figure(seconds[n] / seconds[n // 10], 1) if n // 10 in seconds else "-"
        rows.append([f"{n:,} x {WIDTH}", figure(measured["seconds"], 2), figure(measured["peak_mb"], 0), ratio])
    for width in COLUMNS[:1] if quick else COLUMNS:
        measured = _measured(WIDE_ROWS, width)
        rows.append([f"{WIDE_ROWS:,} x {width:,}", figure(measured["seconds"], 2), figure(measured["peak_mb"], 0), "-"])
    return show("Scaling, default synthesizer, every core", HEADINGS, rows, markdown=markdown)


def hospital(n: int, width: int, seed: int = 0) -> pl.DataFrame:
    """Generate a table of numbers, codes, categories, dates and gaps that depend on two hidden traits."""
    rng = np.random.default_rng(seed)
    frailty, place = rng.normal(size=n), rng.normal(size=n)
    columns: dict[str, pl.Series] = {}
    for j in range(width):
        signal = rng.uniform(0.2, 0.8) * (frailty if j % 2 else place) + rng.normal(size=n)
        name = f"c{j}"
        if j % 13 == 12:
            first = np.datetime64("2015-01-01")
            columns[name] = pl.Series(name, first + (1500 + 300 * signal).astype(int)).cast(pl.Date)
        elif j % 13 in (3, 7, 11):
            columns[name] = pl.Series(name, np.digitize(signal, (-1.0, 0.0, 1.5))).cast(pl.String)
        elif j % 13 == 5:
            code = np.minimum(rng.geometric(0.02, n) + (signal > 1), 400)
            columns[name] = pl.Series(name, code).cast(pl.String).str.zfill(3)
        elif j % 13 in (2, 9):
            columns[name] = pl.Series(name, (signal > 0.5).astype(int))
        else:
            value = np.round(50 + 10 * signal, int(j % 3))
            columns[name] = pl.Series(name, np.where(rng.random(n) < 0.05 * (j % 4 == 0), np.nan, value)).fill_nan(None)
    return pl.DataFrame(columns)


def _measured(n: int, width: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, Path(__file__).resolve(), str(n), str(width)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{n} x {width} failed: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return {"seconds": float("nan"), "peak_mb": float("nan")}
    measured: dict[str, float] = json.loads(done.stdout)
    print(f"{n} x {width}: {measured['seconds']:.2f} s", file=sys.stderr)
    return measured


def _child(n: int, width: int) -> None:
    import os

    import peers

    jobs = os.cpu_count() or 1
    peers.sosie_doubles(hospital(300, min(width, WIDTH)), 100, 0, jobs)  # compile once, outside the clock
    frame = hospital(n, width)
    started = time.perf_counter()
    made = peers.sosie_doubles(frame, n, 0, jobs)
    whole = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": made.seconds, "with_roles": whole, "peak_mb": peak}))


if __name__ == "__main__":
    _child(int(sys.argv[1]), int(sys.argv[2]))
