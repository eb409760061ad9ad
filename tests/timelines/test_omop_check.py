"""The checker of OMOP sources finds what does not hold, and eras follow OHDSI's rules."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sosie.timelines.source.omop import eras
from sosie.timelines.source.omop.check import accepts, check
from tests.timelines import clinic


def _changed(folder: Path, table: str, **cells: object) -> Path:
    frame = pl.read_csv(folder / f"{table}.csv", infer_schema=False)
    for column, cell in cells.items():
        frame[0, column] = cell
    frame.write_csv(folder / f"{table}.csv")
    return folder


def test_a_sound_source_is_accepted(tmp_path: Path) -> None:
    assert check(clinic.folder(tmp_path)) == ()


@pytest.mark.parametrize(
    ("name", "table", "cells"),
    [
        ("required", "person", {"gender_concept_id": None}),
        ("type", "measurement", {"value_as_number": "seven"}),
        ("primary key", "measurement", {"measurement_id": "5001"}),
        ("foreign key", "measurement", {"visit_occurrence_id": "1"}),
        ("foreign key", "condition_occurrence", {"person_id": "1"}),
        ("end", "visit_occurrence", {"visit_end_date": "2001-01-01"}),
        ("period", "observation", {"observation_date": "2018-01-01"}),
        ("birth", "person", {"year_of_birth": "2030"}),
        ("death", "death", {"death_date": "2018-01-01"}),
    ],
)
def test_what_does_not_hold_is_found(tmp_path: Path, name: str, table: str, cells: dict[str, object]) -> None:
    folder = _changed(clinic.folder(tmp_path), table, **cells)
    assert name in {fault.check for fault in check(folder)}
    assert not accepts(folder)


def test_a_missing_table_and_a_missing_column_are_found(tmp_path: Path) -> None:
    folder = clinic.folder(tmp_path, without=("observation_period",))
    frame = pl.read_csv(folder / "measurement.csv", infer_schema=False)
    frame.drop("measurement_date").write_csv(folder / "measurement.csv")
    found = {(fault.check, fault.table, fault.field) for fault in check(folder)}
    assert {("table", "observation_period", ""), ("field", "measurement", "measurement_date")} <= found


def test_eras_that_do_not_follow_are_found(tmp_path: Path) -> None:
    from sosie.manifest import Manifest
    from sosie.timelines.source.omop import Omop

    Omop().write(Omop().read(clinic.folder(tmp_path / "cdm"), Manifest()), tmp_path / "out")
    assert accepts(tmp_path / "out")
    _changed(tmp_path / "out", "drug_era", drug_era_end_date="2031-01-01")
    assert [str(fault) for fault in check(tmp_path / "out") if fault.check == "era"] == [
        f"drug_era.drug_era_id: era (1 of {pl.read_csv(tmp_path / 'out' / 'drug_era.csv').height} rows)"
    ]


def _records(*spans: tuple[str, str | None], what: str, start: str, end: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "person_id": [1] * len(spans),
            f"{what}_concept_id": [9] * len(spans),
            start: [date.fromisoformat(first) for first, _ in spans],
            end: [None if last is None else date.fromisoformat(last) for _, last in spans],
        },
        schema_overrides={end: pl.Date()},
    )


def test_thirty_days_are_bridged_and_thirty_one_are_not() -> None:
    spans = [("2020-01-01", "2020-01-10"), ("2020-02-09", "2020-02-10"), ("2020-03-12", None)]
    made = eras.conditions(_records(*spans, what="condition", start="condition_start_date", end="condition_end_date"))
    assert made["condition_era_start_date"].to_list() == [date(2020, 1, 1), date(2020, 3, 12)]
    assert made["condition_era_end_date"].to_list() == [date(2020, 2, 10), date(2020, 3, 13)]
    assert made["condition_occurrence_count"].to_list() == [2, 1]


def test_days_without_a_drug_are_counted_within_its_era() -> None:
    spans = [("2020-01-01", "2020-01-31"), ("2020-01-15", "2020-02-05"), ("2020-02-20", "2020-02-25")]
    rows = _records(*spans, what="drug", start="drug_exposure_start_date", end="drug_exposure_end_date")
    ingredients = pl.DataFrame({"concept": [9, 9], "ingredient": [70, 71]})
    made = eras.drugs(rows, ingredients)
    assert made["drug_concept_id"].to_list() == [70, 71]
    assert made["gap_days"].to_list() == [15, 15]
    assert made["drug_exposure_count"].to_list() == [3, 3]
