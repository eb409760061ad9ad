import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from sosie.manifest import Manifest
from sosie.timelines import source
from sosie.timelines.events import Clock, Group
from tests.timelines import made_events

NOTHING = Manifest()


def test_meds_is_read(tmp_path: Path) -> None:
    made_events.meds(tmp_path)
    part = source.read(tmp_path, NOTHING)
    assert part.form.kind == "meds"
    assert part.clock is Clock.CALENDAR
    assert len(part.keys) == 30
    assert set(part.people["sex"]) == {"F", "M"}
    assert part.people["birth"].null_count() == 0
    assert part.people["dead"].sum() == 6
    values = part.events.value[~np.isnan(part.events.value)]
    assert list(values) == [round(value, 1) for value in values]
    assert {code.group for code in part.codes} == {Group.MEASUREMENT, Group.DEATH}


def test_meds_is_written_as_it_was(tmp_path: Path) -> None:
    made_events.meds(tmp_path / "in")
    source.write(source.read(tmp_path / "in", NOTHING), tmp_path / "out")
    for name in ("data/train/0.parquet", "data/held_out/0.parquet"):
        before, after = pl.read_parquet(tmp_path / "in" / name), pl.read_parquet(tmp_path / "out" / name)
        assert after.schema == before.schema
        assert after.sort(pl.all()).equals(before.sort(pl.all()))
    splits = pl.read_parquet(tmp_path / "out" / "metadata" / "subject_splits.parquet")
    assert splits["split"].value_counts().sort("split")["count"].to_list() == [10, 20]


def test_doubles_are_in_the_shard_of_their_split(tmp_path: Path) -> None:
    made_events.meds(tmp_path / "in")
    part = source.read(tmp_path / "in", NOTHING)
    source.write(replace(part, keys=tuple(str(row) for row in range(1, 31))), tmp_path / "out")
    splits = pl.read_parquet(tmp_path / "out" / "metadata" / "subject_splits.parquet")
    for name in ("train", "held_out"):
        held = pl.read_parquet(tmp_path / "out" / "data" / name / "0.parquet")["subject_id"].unique()
        assert set(held) == set(splits.filter(pl.col("split") == name)["subject_id"])


def test_the_metadata_keeps_no_count_of_the_source(tmp_path: Path) -> None:
    made_events.meds(tmp_path / "in")
    source.write(source.read(tmp_path / "in", NOTHING), tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "metadata" / "codes.parquet").columns == ["code", "description"]
    assert json.loads((tmp_path / "out" / "metadata" / "dataset.json").read_text())["dataset_name"] == "made"


def test_all_of_meds_is_claimed(tmp_path: Path) -> None:
    made_events.meds(tmp_path)
    assert {path.name for path in source.claims(tmp_path, NOTHING)} >= {"0.parquet", "codes.parquet"}
