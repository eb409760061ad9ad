from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sosie.cohort import Cohort
from sosie.errors import ManifestError, UnreadableError
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.tables.modality import Tables
from sosie.timelines.modality import Timelines
from tests.timelines import made_events

NOTHING = Manifest()


def test_tables_and_events_of_a_folder_are_joined_by_the_key(tmp_path: Path) -> None:
    made_events.long_rows().rename({"patient": "id"}).write_csv(tmp_path / "labs.csv")
    once = pl.DataFrame({"id": range(1001, 1051), "age": np.arange(50) % 37 + 40})
    once.write_csv(tmp_path / "people.csv")
    without = frozenset({tmp_path / "labs.csv"})
    tables = Tables().read(tmp_path, NOTHING, without)
    cohort = Cohort.of({"tables": tables, "timelines": Timelines().read(tmp_path, NOTHING)})
    assert len(cohort) == 50
    assert cohort.parts["timelines"].present.sum() == 40
    made = cohort.parts["timelines"]
    Timelines().write(made, tmp_path / "out")
    assert pl.read_csv(tmp_path / "out" / "labs.csv")["id"].n_unique() == 40


def test_another_source_takes_the_codes_of_the_first(tmp_path: Path) -> None:
    rows = made_events.long_rows()
    rows.write_csv(tmp_path / "a.csv")
    rows.filter(pl.col("test") != "glucose").with_columns(pl.col("test").replace("sodium", "potassium")).write_csv(
        tmp_path / "b.csv"
    )
    first, other = (Timelines().read(tmp_path / name, NOTHING) for name in ("a.csv", "b.csv"))
    same = Timelines().conform(other, first)
    assert same.codes[: len(first.codes)] == first.codes
    told = [same.codes[code].code for code in same.events.code]
    assert told == [other.codes[code].code for code in other.events.code]
    assert same.people.columns == first.people.columns


def test_dates_are_not_compared_with_numbers_of_days(tmp_path: Path) -> None:
    made_events.long_rows().write_csv(tmp_path / "a.csv")
    made_events.visits().write_csv(tmp_path / "b.csv")
    first, other = (Timelines().read(tmp_path / name, NOTHING) for name in ("a.csv", "b.csv"))
    with pytest.raises(ManifestError, match="cannot be compared"):
        Timelines().conform(other, first)


def test_copies_are_streamed(tmp_path: Path) -> None:
    made_events.visits().write_csv(tmp_path / "b.csv")
    part = Timelines().read(tmp_path / "b.csv", NOTHING)
    with pytest.raises(ManifestError, match="deidentify"):
        Timelines().redact(part, (), Pseudonyms.generate())


def test_files_of_one_patient_each_are_refused(tmp_path: Path) -> None:
    for patient, rows in made_events.long_rows(3).group_by("patient"):
        rows.write_csv(tmp_path / f"{patient[0]}.csv")
    with pytest.raises(UnreadableError, match="one patient alone"):
        Timelines().read(tmp_path, NOTHING)
