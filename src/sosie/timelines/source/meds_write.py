"""Doubles' timelines as a folder of MEDS: shards of the shares of the source, and its metadata without its counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from sosie.timelines.events import NONE, TimelinesPart
from sosie.timelines.source.gathering import PEOPLE
from sosie.timelines.source.moments import Moment

BIRTH = "MEDS_BIRTH"


def write(part: TimelinesPart, directory: Path) -> None:
    """Write a part; patients go to the shards one after the other."""
    details = part.form.details
    frame = _rows(part)
    shards = details["shards"]
    bounds = _bounds(details["shares"], len(part.keys))
    for shard in shards:
        first, last = bounds[shard.name]
        rows = frame.filter(pl.col("patient").is_between(first, last - 1))
        beside = [pl.lit(None).alias(name) for name in shard.names if name not in rows.columns]
        with shard.writing(directory / shard.name) as take:
            take(rows.with_columns(beside))
    metadata = directory / "metadata"
    metadata.mkdir(parents=True, exist_ok=True)
    if details["splits"]:
        splits = np.empty(len(part.keys), dtype=object)
        folders = {name: name.split("/")[1] for name in bounds}
        of_shards = set(folders.values()) <= set(details["splits"])
        by_split = _bounds(details["splits"], len(part.keys))
        for name, (first, last) in (bounds if of_shards else by_split).items():
            splits[first:last] = folders[name] if of_shards else name
        told = pl.DataFrame({"subject_id": _subjects(part), "split": pl.Series(splits, dtype=pl.String)})
        told.write_parquet(metadata / "subject_splits.parquet")
    if details["codes"] is not None:
        held = frame["code"].unique()
        details["codes"].filter(pl.col("code").is_in(held.implode())).write_parquet(metadata / "codes.parquet")
    if details["dataset"] is not None:
        (metadata / "dataset.json").write_text(json.dumps(details["dataset"], indent=1), encoding="utf-8")


def _rows(part: TimelinesPart) -> pl.DataFrame:
    """Return every row, of people and of events, in the order of the subjects and then of time."""
    events, people = part.events, part.people
    stamp = Moment(True, kind=pl.Datetime("us"))
    texts = pl.Series([*part.texts, None], dtype=pl.String)
    codes = pl.Series([code.code for code in part.codes], dtype=pl.String)
    frames = [
        pl.DataFrame(
            {
                "patient": events.patient.astype(np.int64),
                "time": stamp.written(events.time, "time"),
                "code": codes[events.code],
                "numeric_value": pl.Series(events.value).fill_nan(None),
                "text_value": texts[np.where(events.text == NONE, len(part.texts), events.text)],
            }
        )
    ]
    rows = np.arange(len(part.keys), dtype=np.int64)
    born = stamp.written(people["birth"].cast(pl.Float64).fill_null(float("nan")).to_numpy(), "time")
    frames.append(_told(rows, born, pl.repeat(BIRTH, len(rows), eager=True)).filter(pl.col("time").is_not_null()))
    sexes = part.form.details["sexes"]
    words = [people["sex"].replace_strict(sexes, default=None, return_dtype=pl.String)]
    words += [f"{name}//" + people[name].cast(pl.String) for name in people.columns if name not in PEOPLE]
    for word in words:
        still = pl.Series("time", [None] * len(rows), dtype=pl.Datetime("us"))
        frames.append(_told(rows, still, word).filter(pl.col("code").is_not_null()))
    whole = pl.concat(frames, how="diagonal").sort("patient", "time", nulls_last=False, maintain_order=True)
    return whole.with_columns(_subjects(part)[whole["patient"]].alias("subject_id"))


def _told(rows: np.ndarray, time: pl.Series, code: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"patient": rows, "time": time, "code": code})


def _subjects(part: TimelinesPart) -> pl.Series:
    keys = pl.Series("subject_id", part.keys, dtype=pl.String)
    numbers = keys.cast(pl.Int64, strict=False)
    return numbers if numbers.null_count() == 0 else pl.Series("subject_id", range(1, len(keys) + 1), dtype=pl.Int64)


def _bounds(shares: Mapping[str, int], patients: int) -> dict[str, tuple[int, int]]:
    """Return the first and the last patient of each share."""
    counts = np.array([*shares.values()], dtype=float)
    ends = np.round(np.cumsum(counts) / max(counts.sum(), 1) * patients).astype(int)
    starts = np.concatenate([[0], ends[:-1]])
    return {name: (int(a), int(b)) for name, a, b in zip(shares, starts, ends, strict=True)}
