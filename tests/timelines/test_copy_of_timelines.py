import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sosie.checkpoint import Checkpoint
from sosie.engine import silent
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact, Knowledge, Order
from sosie.timelines.copy import Timelines
from tests.timelines import made_events

NOTHING = Manifest()
SECRET = Pseudonyms(bytes(range(32)))


def copy(source: Path, out: Path, order: Order | None = None, kept: Checkpoint | None = None) -> pl.DataFrame:
    out.mkdir()
    Timelines().copy(source, NOTHING, out, order or Order(SECRET), kept or Checkpoint(), silent)
    written = sorted((out / "data").rglob("*.csv"))
    return pl.read_csv(written[0], infer_schema=False) if written else pl.DataFrame()


def findings(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "findings.jsonl").read_text().splitlines()]


def test_keys_become_pseudonyms_and_dates_move_by_one_shift(tmp_path: Path) -> None:
    rows = made_events.long_rows()
    rows.write_csv(tmp_path / "labs.csv")
    done = copy(tmp_path / "labs.csv", tmp_path / "out")
    for before, after in zip(rows.iter_rows(), done.iter_rows(), strict=True):
        key = str(before[0])
        assert after[0] == str(SECRET.number(key))
        assert date.fromisoformat(after[1]) - before[1] == SECRET.date_shift(key)
        assert after[2:] == (before[2], str(before[3]), before[4])


def test_who_is_in_the_tables_is_named_as_there(tmp_path: Path) -> None:
    rows = made_events.long_rows()
    rows.write_csv(tmp_path / "labs.csv")
    facts = {"1001": [Fact("PATIENT_KEY", "1001", "ABCDEFGHIJKLMNOP")]}
    done = copy(tmp_path / "labs.csv", tmp_path / "out", Order(SECRET, Knowledge(facts)))
    assert done["patient"][0] == "ABCDEFGHIJKLMNOP"
    assert done["patient"][-1] == SECRET.pseudonym("1040")


def test_what_hides_in_a_value_is_replaced(tmp_path: Path) -> None:
    lines = ["patient,date,code,value"] + [f"p{p},2024-01-0{d},c{d},{d}.5" for p in range(30) for d in (1, 2)]
    lines += ["p3,2024-01-03,c1,185057800608491", "p4,2024-01-03,c1,jean.dupont@chu.fr"]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    done = copy(tmp_path / "e.csv", tmp_path / "out")
    assert "185057800608491" not in done["value"].to_list()
    assert "jean.dupont@chu.fr" not in done["value"].to_list()
    assert {"NIR", "EMAIL"} <= {str(each["label"]) for each in findings(tmp_path / "out")}
    assert "dupont" not in (tmp_path / "out" / "findings.jsonl").read_text()


def test_names_visits_and_prose_are_replaced_or_blanked(tmp_path: Path) -> None:
    rows = made_events.long_rows().with_row_index("at").with_columns(
        ("S" + pl.col("patient").cast(pl.String) + pl.col("date").dt.to_string("%m%d")).alias("visit_id"),
        pl.when(pl.col("at") % 3 == 0).then(pl.lit("Dr Kermadec")).when(pl.col("at") % 3 == 1)
        .then(pl.lit("Dr Avril")).otherwise(pl.lit("Dr Roux")).alias("medecin"),
        ("seen in ward " + pl.col("at").cast(pl.String) + " by the whole team again").alias("comment"),
    )  # fmt: skip
    rows.drop("at").write_csv(tmp_path / "labs.csv")
    done = copy(tmp_path / "labs.csv", tmp_path / "out")
    assert done["comment"].null_count() == len(done)
    assert not set(done["medecin"]) & {"Dr Kermadec", "Dr Avril", "Dr Roux"}
    assert done["medecin"].n_unique() == 3
    assert done["visit_id"][0] == SECRET.pseudonym(f"S1001{rows['date'][0]:%m%d}", "visit")


def test_the_oldest_lose_their_birth_and_their_age(tmp_path: Path) -> None:
    lines = ["patient,birth_date,date,code,value,age"]
    for p in range(30):
        born = "1920-05-01" if p == 3 else "1980-05-01"
        lines += [f"p{p},{born},2012-01-0{d},c{d},1.5,{'91' if p == 3 else '31'}" for d in (1, 2)]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    done = copy(tmp_path / "e.csv", tmp_path / "out")
    assert done["birth_date"].null_count() == 2
    assert done["age"][6:8].to_list() == ["90", "90"]
    assert done["age"][0] == "31"


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("2024-03-01T08:30:00.250+01:00", "T08:30:00.250+01:00"),
        ("01/03/2024 8:30", " 8:30"),
        ("20240301", ""),
    ],
)
def test_hours_and_zones_stay_as_they_are_written(tmp_path: Path, written: str, moved: str) -> None:
    other = written.replace("01/03", "15/03").replace("0301", "0315").replace("03-01", "03-15")
    lines = ["patient,time,code"] + [f"p{p},{when},c" for p in range(30) for when in (written, other)]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    done = copy(tmp_path / "e.csv", tmp_path / "out")
    assert all(cell.endswith(moved) for cell in done["time"])
    assert not {written, other} & set(done["time"])
    assert done["time"].str.len_chars().unique().to_list() == [len(written)]


@pytest.mark.parametrize(
    ("name", "cell", "day"),
    [("timestamp", 1_583_051_400, 86_400), ("date", 43_891, 1), ("time_ms", 1_583_051_400_000, 86_400_000)],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_dates_that_are_numbers_move_too(tmp_path: Path, name: str, cell: int, day: int, form: str) -> None:
    rows = pl.DataFrame({"patient": [p // 2 for p in range(60)], name: [cell, cell + 3 * day] * 30, "code": ["c"] * 60})
    path = tmp_path / f"e.{form}"
    rows.write_csv(path) if form == "csv" else rows.write_parquet(path)
    copy(path, tmp_path / "out")
    done = tmp_path / "out" / "data" / f"e.{form}"
    after = pl.read_csv(done) if form == "csv" else pl.read_parquet(done)
    assert after[name][0] - cell == SECRET.date_shift("0").days * day
    assert after[name][1] - after[name][0] == 3 * day


def test_packed_dates_in_parquet_move_and_stay_packed(tmp_path: Path) -> None:
    rows = pl.DataFrame({"patient": [p // 2 for p in range(60)], "day": [20240301, 20240315] * 30, "code": ["c"] * 60})
    rows.write_parquet(tmp_path / "e.parquet")
    copy(tmp_path / "e.parquet", tmp_path / "out")
    after = pl.read_parquet(tmp_path / "out" / "data" / "e.parquet")
    expected = date(2024, 3, 1) + SECRET.date_shift("0")
    assert after["day"][0] == int(f"{expected:%Y%m%d}")


def test_meds_is_copied_with_its_metadata(tmp_path: Path) -> None:
    made_events.meds(tmp_path / "in")
    copy(tmp_path / "in", tmp_path / "out")
    name = "data/train/0.parquet"
    before, after = pl.read_parquet(tmp_path / "in" / name), pl.read_parquet(tmp_path / "out" / "data" / name)
    assert after.schema == before.schema
    shift = SECRET.date_shift("1")
    assert after["subject_id"][0] == SECRET.number("1")
    assert (after["time"] - before["time"]).head(4).drop_nulls().unique().to_list() == [shift]
    splits = pl.read_parquet(tmp_path / "out" / "data" / "metadata" / "subject_splits.parquet")
    assert splits["subject_id"][0] == SECRET.number("1")
    assert (tmp_path / "out" / "data" / "metadata" / "dataset.json").exists()


def test_a_run_that_was_killed_goes_on_with_the_next_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        made_events.long_rows().write_csv(tmp_path / "in" / f"{name}.csv")
    (tmp_path / "kept").mkdir()
    kept = Checkpoint(tmp_path / "kept")
    copy(tmp_path / "in", tmp_path / "one", kept=kept)
    from sosie.timelines.redact import Redactor

    monkeypatch.setattr(Redactor, "window", lambda self, sheet, frame: pytest.fail("it was done before"))
    copy(tmp_path / "in", tmp_path / "two", kept=kept)
    for name in ("a.csv", "b.csv"):
        assert (tmp_path / "two" / "data" / name).read_bytes() == (tmp_path / "one" / "data" / name).read_bytes()
    assert (tmp_path / "two" / "findings.jsonl").read_text() == (tmp_path / "one" / "findings.jsonl").read_text()


def test_looking_counts_cells_and_writes_nothing(tmp_path: Path) -> None:
    made_events.long_rows().write_csv(tmp_path / "labs.csv")
    tally = Timelines().inspect(tmp_path / "labs.csv", NOTHING, Order(SECRET), silent)
    rows = len(made_events.long_rows())
    assert tally.documents == 1
    assert tally.labels == {"PATIENT_KEY": rows, "DATE": rows}
