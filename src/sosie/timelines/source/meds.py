"""MEDS, the Medical Event Data Standard: shards of events in Parquet, with what they are about beside them.

A folder with ``data/**/*.parquet`` (``subject_id``, ``time``, ``code``, ``numeric_value``, ``text_value``) and
``metadata/`` (``codes.parquet``, ``subject_splits.parquet``, ``dataset.json``). A birth, and what has no time and no
value (``GENDER//F``), is of the patient and no event. https://github.com/Medical-Event-Data-Standard/meds
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sosie.errors import UnreadableError
from sosie.folders import files_in
from sosie.manifest import Manifest
from sosie.timelines.events import Clock, Code, Group, TimelinesPart
from sosie.timelines.form import Form
from sosie.timelines.source import names
from sosie.timelines.source.gathering import Batch, gather
from sosie.timelines.source.meds_copy import MedsSheet, Verbatim
from sosie.timelines.source.meds_write import write
from sosie.timelines.source.moments import Moment
from sosie.timelines.source.parquet import Parquet
from sosie.timelines.source.people import together
from sosie.timelines.source.reader import Sheet
from sosie.timelines.source.spelling import number

CORE = ("subject_id", "time", "code")
BIRTH, DEATH = "MEDS_BIRTH", "MEDS_DEATH"
_TOLD = ("description", "parent_codes")
"""Of codes, what is no count of the source."""
_ABOUT = ("dataset_name", "dataset_version", "etl_name", "etl_version", "meds_version", "license")
EMPTIED = "{file}: columns beside those of MEDS are left empty in the doubles: {names}"


class Meds:
    """Folders of MEDS."""

    kinds = frozenset({"meds"})

    def recognises(self, place: Path | str, manifest: Manifest) -> bool:
        """Tell whether a folder is one of MEDS."""
        return bool(_shards(place))

    def claims(self, place: Path | str, manifest: Manifest) -> frozenset[Path]:
        """Return its Parquet files."""
        shards = _shards(place)
        return frozenset(shard.path for shard in shards) | frozenset(path for path, _ in _beside(place) if shards)

    def read(self, place: Path | str, manifest: Manifest) -> TimelinesPart:
        """Read every shard into one part."""
        root, people, batches = Path(place), list[pl.DataFrame](), list[Batch]()
        shares, sexes = dict[str, int](), dict[str, str]()
        shards = _shards(place)
        for shard in shards:
            row, keys = 1, set[str]()
            for window in shard.windows():
                batch, told = _batch(shard, window, row, sexes)
                batches.append(batch)
                people += told
                row += len(window)
                keys.update(batch.frame["key"].unique().drop_nulls().to_list())
            shares[shard.name] = len(keys)
        details = {
            "shards": shards,
            "shares": shares,
            "sexes": sexes,
            "splits": _splits(root),
            "codes": _codes(root),
            "dataset": _dataset(root),
        }
        extra = [name for name in shards[0].names if name not in (*CORE, "numeric_value", "text_value")]
        notices = [EMPTIED.format(file=shards[0].name, names=", ".join(extra))] if extra else []
        known = together([*people, _nobody(batches)])
        return gather(batches, Clock.CALENDAR, Form("meds", root.name, details), manifest, known, notices)

    def write(self, part: TimelinesPart, directory: Path) -> None:
        """Write shards of the shares of the source, and its metadata."""
        write(part, directory)

    def sheets(self, place: Path | str, manifest: Manifest) -> Sequence[Sheet]:
        """Return its files, for a copy."""
        found: list[Sheet] = [MedsSheet.of(shard, manifest.k) for shard in _shards(place)]
        for path, name in _beside(place):
            table = path.suffix == ".parquet"
            found.append(MedsSheet.of(Parquet.of(path, name), manifest.k) if table else Verbatim(path, name))
        return tuple(found)


def group_of(code: str) -> Group:
    """Return what kind of event a code is, by the word before its first separator."""
    head = code.split("/", maxsplit=1)[0]
    if head == DEATH:
        return Group.DEATH
    if names.says(head, ("admission", "visit", "discharge", "encounter", "registration", "transfer")):
        return Group.VISIT
    return names.group_of(head) or Group.OTHER


def _shards(place: Path | str) -> tuple[Parquet, ...]:
    root = Path(place)
    if (isinstance(place, str) and "://" in place) or not (root / "data").is_dir():
        return ()
    found = []
    for path, name in files_in(root / "data", "data/"):
        if path.suffix != ".parquet":
            continue
        try:
            shard = Parquet.of(path, name)
        except UnreadableError:
            continue
        if set(CORE) <= set(shard.names):
            found.append(shard)
    return tuple(found)


def _beside(place: Path | str) -> list[tuple[Path, str]]:
    known = ("codes.parquet", "subject_splits.parquet", "dataset.json")
    paths = ((Path(place) / "metadata" / name, f"metadata/{name}") for name in known)
    return [(path, name) for path, name in paths if path.is_file()]


def _batch(shard: Parquet, window: pl.DataFrame, row: int, sexes: dict[str, str]) -> tuple[Batch, list[pl.DataFrame]]:
    """Turn some rows into events, and what they tell of people; ``sexes`` learns by which codes."""
    days = Moment(True, kind=window.schema["time"]).days(window["time"])
    kinds: dict[str, type[pl.DataType]] = {"numeric_value": pl.Float64, "text_value": pl.String}
    absent = [pl.lit(None, kind).alias(name) for name, kind in kinds.items() if name not in window.columns]
    frame = window.with_columns(absent)
    frame = frame.with_columns(number(frame["numeric_value"]).alias("numeric_value")).select(
        pl.Series("row", np.arange(row, row + len(window))),
        pl.col("subject_id").cast(pl.String).alias("key"),
        pl.Series("time", days).fill_nan(None),
        pl.col("code").cast(pl.String).fill_null("").alias("word"),
        pl.col("numeric_value").alias("value"),
        pl.col("text_value").cast(pl.String).alias("text"),
    )
    people = [frame.filter(pl.col("word") == BIRTH).select("key", pl.col("time").alias("birth"))]
    still = pl.col("time").is_null() & pl.col("word").str.contains("//") & pl.col("value").is_null()
    parts = frame.filter(still).with_columns(pl.col("word").str.split_exact("//", 1).alias("parts")).unnest("parts")
    for (head,), some in parts.group_by("field_0", maintain_order=True):
        told = some.select("key", pl.col("word").str.strip_prefix(f"{head}//").alias(str(head)))
        back = {cell: names.sex_of("", cell) for cell in told[str(head)].unique()}
        if names.says(str(head), names.COLUMNS["sex"]) and all(back.values()):
            sexes.update({sex: f"{head}//{cell}" for cell, sex in back.items()})
            told = told.select("key", pl.col(str(head)).replace_strict(back, return_dtype=pl.String).alias("sex"))
        people.append(told)
    frame = frame.filter((pl.col("word") != BIRTH) & ~still)
    distinct = frame.select("word").unique(maintain_order=True).with_row_index("code")
    frame = frame.join(distinct, on="word", how="left", maintain_order="left").drop("word")
    codes = [Code(group_of(word), word) for word in distinct["word"]]
    return Batch(shard.name, codes, frame, {"time": "time", "value": "numeric_value"}), [p for p in people if len(p)]


def _nobody(batches: Sequence[Batch]) -> pl.DataFrame:
    """Return everyone, so that who has nothing but a birth comes in the order of the files."""
    keys = pl.concat([batch.frame["key"] for batch in batches]).unique(maintain_order=True)
    return pl.DataFrame({"key": keys}).with_columns(pl.lit(None, pl.Float64).alias("birth"))


def _splits(root: Path) -> dict[str, int]:
    path = root / "metadata" / "subject_splits.parquet"
    if not path.is_file():
        return {}
    counted = pl.read_parquet(path).group_by("split", maintain_order=True).len()
    return {str(split): int(count) for split, count in counted.iter_rows()}


def _codes(root: Path) -> pl.DataFrame | None:
    path = root / "metadata" / "codes.parquet"
    if not path.is_file():
        return None
    frame = pl.read_parquet(path)
    return frame.select(name for name in frame.columns if name in ("code", *_TOLD))


def _dataset(root: Path) -> dict[str, Any] | None:
    path = root / "metadata" / "dataset.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return {name: told[name] for name in _ABOUT if name in told} if isinstance(told, dict) else None
