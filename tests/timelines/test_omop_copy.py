"""The pseudonymised copy of an OMOP source follows the model and names nobody."""

from pathlib import Path

import polars as pl
import pytest

from sosie.checkpoint import Checkpoint
from sosie.engine import silent
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Order
from sosie.timelines.copy import Timelines
from sosie.timelines.source.omop.check import accepts
from tests.timelines import clinic


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("copy")
    source = clinic.folder(root / "cdm")
    (root / "out").mkdir()
    order = Order(Pseudonyms(bytes(range(32))))
    Timelines().copy(source, Manifest(), root / "out", order, Checkpoint(), silent)
    return source, root / "out"


def _table(place: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(place / f"{name}.csv", infer_schema=False)


def test_the_copy_has_the_same_rows_and_follows_the_model(copied: tuple[Path, Path]) -> None:
    source, out = copied
    for path in source.iterdir():
        assert _table(out / "data", path.stem).shape == _table(source, path.stem).shape
    assert accepts(out / "data")


def test_keys_are_others_and_agree_across_tables(copied: tuple[Path, Path]) -> None:
    source, out = copied
    before, after = (_table(place, "measurement") for place in (source, out / "data"))
    assert not set(before["person_id"]) & set(after["person_id"])
    assert not set(before["visit_occurrence_id"]) & set(after["visit_occurrence_id"])
    assert set(after["person_id"]) <= set(_table(out / "data", "person")["person_id"])
    assert before["value_as_number"].equals(after["value_as_number"])


def test_dates_of_a_person_move_together(copied: tuple[Path, Path]) -> None:
    source, out = copied
    moved = []
    for table, column in (("measurement", "measurement_date"), ("visit_occurrence", "visit_start_datetime")):
        before, after = (
            _table(place, table)[column].str.slice(0, 10).str.to_date() for place in (source, out / "data")
        )
        days = (after - before).dt.total_days()
        people = _table(source, table)["person_id"]
        per = pl.DataFrame({"person": people, "days": days}).group_by("person").agg(pl.col("days").unique())
        assert per["days"].list.len().max() == 1
        moved.append(dict(zip(per["person"], per["days"].list.first(), strict=True)))
    assert moved[0] == moved[1]
    assert 0 not in moved[0].values()


def test_births_move_as_months_and_hold_no_day(copied: tuple[Path, Path]) -> None:
    source, out = copied
    person = _table(out / "data", "person")
    assert person["year_of_birth"].str.contains(r"^\d{4}$").all()
    assert person["day_of_birth"].null_count() == len(person)
    assert not person["month_of_birth"].equals(_table(source, "person")["month_of_birth"])


def test_names_notes_and_serial_numbers_are_gone(copied: tuple[Path, Path]) -> None:
    _, out = copied
    text = "".join(path.read_text() for path in (out / "data").iterdir())
    assert [word for word in ("Dupont", "IPP1", "seen by", "SN-99", "1234567893") if word in text] == []
    assert '"provider_name"' in (out / "findings.jsonl").read_text()
