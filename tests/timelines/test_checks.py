from pathlib import Path

import numpy as np
import pytest

from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.timelines import source

GOOD = [f"{p},1950-01-01,2020-01-0{d},2020-01-0{d + 1},glucose,5.{d},mmol/L" for p in range(1, 31) for d in (1, 3, 5)]


def read(folder: Path, bad: list[str], faulty: str = "drop") -> source.TimelinesPart:
    header = "patient,birth,start,end,code,value,unit"
    (folder / "e.csv").write_text("\n".join([header, *GOOD, *bad]) + "\n")
    return source.read(folder / "e.csv", Manifest(faulty=faulty))


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (
            "7,1950-01-01,1949-02-01,2020-01-02,glucose,5.1,mmol/L",
            "column 'start', row 92: an event before the patient's",
        ),
        ("7,1950-01-01,2020-01-04,2020-01-02,glucose,5.1,mmol/L", "column 'end', row 92: an event that ends before"),
        ("7,1950-01-01,2020-01-01,2020-01-02,glucose,5.1,mmol/L", "row 92: an event that is told twice"),
        ("7,1950-01-01,yesterday,2020-01-02,glucose,5.1,mmol/L", "column 'start', row 92: a time that cannot be read"),
        (",1950-01-01,2020-01-01,2020-01-02,glucose,5.1,mmol/L", "column 'patient', row 92: a row without a patient"),
    ],
)
def test_events_that_cannot_be_are_told_and_left_out(tmp_path: Path, bad: str, told: str) -> None:
    part = read(tmp_path, [bad])
    assert len(part.events) == len(GOOD)
    assert [notice for notice in part.notices if told in notice and notice.endswith("; left out")]


def test_what_follows_a_death_is_left_out(tmp_path: Path) -> None:
    bad = ["7,1950-01-01,2020-01-08,,death,,", "7,1950-01-01,2020-01-08,2020-01-08,glucose,5.1,mmol/L"]
    late = "7,1950-01-01,2020-01-09,2020-01-10,glucose,5.1,mmol/L"
    part = read(tmp_path, [*bad, late])
    assert len(part.events) == len(GOOD) + 2
    assert any("row 94: an event after the patient's death" in notice for notice in part.notices)
    assert part.people["dead"].sum() == 1


def test_faulty_events_may_stay(tmp_path: Path) -> None:
    part = read(tmp_path, ["7,1950-01-01,1949-02-01,2020-01-02,glucose,5.1,mmol/L"], "keep")
    assert len(part.events) == len(GOOD) + 1
    assert part.notices[0].endswith("; kept")


def test_faulty_events_may_stop_the_run_and_no_value_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as error:
        read(tmp_path, ["7,1950-01-01,1949-02-01,2020-01-02,glucose,5.1,mmol/L"], "stop")
    assert (error.value.file, error.value.column, error.value.row) == ("e.csv", "start", 92)
    assert "1949" not in str(error.value)


def test_words_among_numbers_and_missing_units_are_told_and_stay(tmp_path: Path) -> None:
    bad = ["7,1950-01-01,2020-01-07,,glucose,<5,mmol/L", "8,1950-01-01,2020-01-07,,glucose,5.1,"]
    part = read(tmp_path, bad)
    assert len(part.events) == len(GOOD) + 2
    assert part.texts == ("<5",)
    assert np.isnan(part.events.value).sum() == 1
    told = " ".join(part.notices)
    assert "column 'value', row 92: a word among numbers" in told
    assert "column 'unit', row 93: a value without a unit" in told


def test_other_zones_are_told(tmp_path: Path) -> None:
    lines = ["patient,time,code"] + [f"{p},2024-03-0{d}T08:30:00Z,c{d}" for p in range(30) for d in (1, 2)]
    (tmp_path / "z.csv").write_text("\n".join([*lines, "3,2024-03-05T09:00:00+02:00,c1"]) + "\n")
    part = source.read(tmp_path / "z.csv", Manifest())
    assert part.notices == (
        "z.csv, column 'time', row 62: a time zone other than most of its column; local times are kept",
    )
    assert not np.isnan(part.events.time).any()
