from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sosie.errors import ManifestError, UnreadableError
from sosie.manifest import Manifest, TimelinesManifest
from sosie.timelines import source
from sosie.timelines.events import Clock, Group
from tests.timelines import made_events

NOTHING = Manifest()


def roundtrip(path: Path, out: Path, manifest: Manifest = NOTHING) -> tuple[list[str], list[str]]:
    source.write(source.read(path, manifest), out)
    return sorted(path.read_bytes().splitlines()), sorted((out / path.name).read_bytes().splitlines())


def test_a_long_file_of_dates_is_read(tmp_path: Path) -> None:
    rows = made_events.long_rows()
    rows.write_csv(tmp_path / "labs.csv")
    part = source.read(tmp_path / "labs.csv", NOTHING)
    assert len(part.keys) == 40
    assert len(part.events) == len(rows)
    assert part.clock is Clock.CALENDAR
    assert {(code.code, code.unit) for code in part.codes} >= {("glucose", "mmol/L"), ("creatinine", "umol/L")}
    assert {code.group for code in part.codes} == {Group.MEASUREMENT}
    first = rows.row(0)
    assert part.events.time[0] == (first[1] - made_events.date(1970, 1, 1)).days


def test_a_french_file_is_written_as_it_was(tmp_path: Path) -> None:
    made_events.french(tmp_path / "biologie.csv", made_events.long_rows())
    before, after = roundtrip(tmp_path / "biologie.csv", tmp_path / "out")
    assert before == after
    assert b"\r\n" in (tmp_path / "out" / "biologie.csv").read_bytes()


def test_a_wide_file_is_written_as_it_was(tmp_path: Path) -> None:
    made_events.visits().write_csv(tmp_path / "visits.csv")
    before, after = roundtrip(tmp_path / "visits.csv", tmp_path / "out")
    assert before == after


def test_what_never_changes_is_of_the_people(tmp_path: Path) -> None:
    made_events.visits().write_csv(tmp_path / "visits.csv")
    part = source.read(tmp_path / "visits.csv", NOTHING)
    assert set(part.people["sex"]) == {"F", "M"}
    assert part.people["stop"].min() >= 400
    assert "age" in part.people.columns
    assert {code.code for code in part.codes} == {"visits", "edema", "bili"}
    assert part.form.kind == "wide"


def test_visits_of_a_wide_file_are_numbered(tmp_path: Path) -> None:
    made_events.visits().write_csv(tmp_path / "visits.csv")
    part = source.read(tmp_path / "visits.csv", NOTHING)
    is_visit = np.array([code.group is Group.VISIT for code in part.codes])[part.events.code]
    mine = part.events.patient == 3
    assert list(part.events.visit[is_visit & mine]) == list(range(int((is_visit & mine).sum())))


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    rows = made_events.long_rows().with_columns(pl.col("patient").cast(pl.Int32), pl.col("result").cast(pl.Float32))
    rows.write_parquet(tmp_path / "labs.parquet")
    part = source.read(tmp_path / "labs.parquet", NOTHING)
    source.write(part, tmp_path / "out")
    again = pl.read_parquet(tmp_path / "out" / "labs.parquet")
    assert again.schema == rows.schema
    assert again.sort(pl.all()).equals(rows.sort(pl.all()))


def test_zones_are_kept_as_written(tmp_path: Path) -> None:
    lines = ["patient_id,time,code"] + [f"{p},2024-03-0{d}T08:30:00+01:00,c{d}" for p in range(30) for d in (1, 2)]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    before, after = roundtrip(tmp_path / "e.csv", tmp_path / "out")
    assert before == after


@pytest.mark.parametrize(("name", "cell"), [("timestamp", 1_583_051_400), ("date", 43_891), ("day", 20200301)])
def test_numbers_that_are_dates_are_of_the_calendar(tmp_path: Path, name: str, cell: int) -> None:
    rows = pl.DataFrame({"patient": [p // 2 for p in range(60)], name: [cell, cell + 8] * 30, "code": ["c", "d"] * 30})
    rows.write_parquet(tmp_path / "e.parquet")
    part = source.read(tmp_path / "e.parquet", NOTHING)
    assert part.clock is Clock.CALENDAR
    assert np.floor(part.events.time[0]) == (made_events.date(2020, 3, 1) - made_events.date(1970, 1, 1)).days
    source.write(part, tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "e.parquet").equals(rows)


def test_a_file_that_cannot_be_told_is_left_to_tables(tmp_path: Path) -> None:
    pl.DataFrame({"id": [1, 1, 2], "day": [[1], [2], [3]], "x": [{"a": 1}] * 3}).write_parquet(tmp_path / "n.parquet")
    (tmp_path / "b.csv").write_bytes(b"\x00\x01\x02id,day\n")
    assert not source.recognises(tmp_path, NOTHING)


def test_months_are_counted_in_days(tmp_path: Path) -> None:
    lines = ["patient,month,exam,value"] + [f"{p},{m},a,{p}.5" for p in range(30) for m in (0, 6, 12)]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    part = source.read(tmp_path / "e.csv", NOTHING)
    assert part.clock is Clock.RELATIVE
    assert part.events.time[1] == pytest.approx(6 * 30.4375)


def test_a_table_with_a_row_for_each_patient_is_left_to_tables(tmp_path: Path) -> None:
    pl.DataFrame({"id": range(50), "time": range(50), "status": [0, 1] * 25}).write_csv(tmp_path / "one.csv")
    made_events.long_rows().write_csv(tmp_path / "labs.csv")
    assert source.claims(tmp_path, NOTHING) == {tmp_path / "labs.csv"}


def test_notes_and_omop_are_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    note = "the patient came back to the ward and was seen by the team " * 6
    notes = pl.DataFrame({"patient_id": [n // 2 for n in range(20)], "date": ["2020-01-01", "2020-02-01"] * 10})
    notes.with_columns(pl.lit(note).alias("text")).write_csv(tmp_path / "notes" / "notes.csv")
    assert not source.claims(tmp_path / "notes", NOTHING)
    (tmp_path / "omop").mkdir()
    rows = made_events.long_rows().rename({"patient": "person_id"})
    for name in ("person", "measurement"):
        rows.write_csv(tmp_path / "omop" / f"{name}.csv")
    from sosie.timelines.source.flat import Flat

    assert not Flat().recognises(tmp_path / "omop", NOTHING)


def test_the_manifest_says_what_columns_are(tmp_path: Path) -> None:
    lines = ["a,b,c,d"] + [f"p{p},{d},x{d},{p + d}" for p in range(20) for d in (1, 2)]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    said = TimelinesManifest(patient="a", time="b", code="c", value="d", group="drug")
    part = source.read(tmp_path / "e.csv", Manifest(timelines={"e": said}))
    assert {code.group for code in part.codes} == {Group.DRUG}
    assert part.keys[0] == "p0"
    with pytest.raises(ManifestError, match="no column 'z'"):
        source.read(tmp_path / "e.csv", Manifest(timelines={"e": TimelinesManifest(patient="z")}))


def test_a_short_record_is_told_by_its_row(tmp_path: Path) -> None:
    made_events.long_rows().write_csv(tmp_path / "labs.csv")
    with (tmp_path / "labs.csv").open("a") as file:
        file.write("1001,2020-01-01\n")
    with pytest.raises(UnreadableError) as error:
        source.read(tmp_path / "labs.csv", NOTHING)
    assert error.value.row == len(made_events.long_rows()) + 2


def test_a_label_that_the_code_tells_is_written_again(tmp_path: Path) -> None:
    rows = made_events.long_rows().with_columns(pl.col("test").str.to_uppercase().alias("libelle_long"))
    rows.write_csv(tmp_path / "labs.csv")
    before, after = roundtrip(tmp_path / "labs.csv", tmp_path / "out")
    assert before == after
