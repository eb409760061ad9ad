"""What cannot be read is refused with file, column and row, and never with a value."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sosie.errors import ManifestError, SosieError, UnreadableError
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.tables import source

EMPTY = Manifest()
FULL = pl.DataFrame({"patient_id": ["a", "b"], "x": [1, 2]})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"id,age\n", "a header but no row"),
        (b"id,age\n1,2\n3\n4,5\n", "row 3: 1 fields were found, 2 expected"),
        (b"id,age\n1,2\n3,4,5\n", "row 3: 3 fields were found, 2 expected"),
        (b'id,age\n1,"2,3"\n3,4,"5"\n', "row 3: 3 fields were found, 2 expected"),
        (b'id,age\n1,"a,b\n3,4\n', "quotes are not paired"),
        (b"id,age,age\n1,2,3\n", "column 'age', row 1: two columns have this name"),
        (b"12,34\n56,78\n", "row 1: numbers were found where column names were expected"),
        (b"PK\x03\x04\x00\x00\x08\x00junk\x00", "binary content"),
        (bytes(range(256)) * 4, "binary content"),
        ("é,b\n".encode() * 50 + b"\xe9,2\n", "row 51: a byte is not valid UTF-8"),
    ],
)
def test_an_irregular_file_is_refused_at_its_row(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(UnreadableError) as caught:
        source.read(tmp_path / "t.csv", EMPTY)
    assert message in str(caught.value)
    assert str(caught.value).startswith("t.csv")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (TableManifest(delimiter=";"), "one column was found with the delimiter ';', several with ','"),
        (TableManifest(encoding="ascii"), "not valid ascii"),
        (TableManifest(encoding="klingon"), "unknown encoding"),
    ],
)
def test_a_manifest_that_misdescribes_the_file_is_told_so(
    declared: TableManifest, message: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("id,ville\n1,Sète\n2,Nîmes\n", encoding="utf-8")
    with pytest.raises(UnreadableError, match=message):
        source.read(tmp_path / "t.csv", Manifest(tables={"t": declared}))


@pytest.mark.parametrize(
    "manifest",
    [
        Manifest(tables={"other": TableManifest()}),
        Manifest(tables={"t": TableManifest(columns={"weight": ColumnManifest()})}),
        Manifest(patient="nobody"),
    ],
)
def test_a_manifest_that_names_what_is_not_there_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,age\n1,2\n")
    with pytest.raises(ManifestError, match=r"sosie\.yaml"):
        source.read(tmp_path / "t.csv", manifest)


@pytest.mark.parametrize("suffix", [".parquet", ".xlsx", ".sav", ".dta", ".xpt", ".sas7bdat", ".duckdb"])
def test_junk_of_any_kind_is_refused(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"t{suffix}").write_bytes(b"this is no table " * 40)
    with pytest.raises(UnreadableError, match=rf"^t\{suffix}: "):
        source.read(tmp_path / f"t{suffix}", EMPTY)


@pytest.mark.parametrize("suffix", [".parquet", ".xlsx"])
def test_a_truncated_file_is_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{suffix}"
    FULL.write_parquet(path) if suffix == ".parquet" else FULL.write_excel(path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UnreadableError, match="truncated"):
        source.read(path, EMPTY)


def test_a_workbook_with_a_password_is_told_from_a_broken_one(tmp_path: Path) -> None:
    marker = "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "t.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500) + marker + bytes(500))
    with pytest.raises(UnreadableError, match="password"):
        source.read(tmp_path / "t.xlsx", EMPTY)


def test_a_missing_file_an_empty_folder_and_an_unknown_format_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no table")
    for path, message in ((tmp_path / "no.csv", "no such"), (tmp_path, "no table"), (tmp_path / "notes.txt", "format")):
        with pytest.raises(UnreadableError, match=message):
            source.read(path, EMPTY)


def test_infinities_become_missing_with_a_notice(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,x\n1,0.5\n2,inf\n3,-inf\n4,2.5\n")
    (table,) = source.read(tmp_path / "t.csv", EMPTY).tables
    assert table.frame["x"].to_list() == [0.5, None, None, 2.5]
    assert "column 'x', row 3: 2 infinities" in str(table.file.options["notices"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200) | st.text(alphabet='ab1,;"\n\r\t.é', max_size=80).map(str.encode))
@example(data=b'"')
@example(data=b"a,b\n" + b'"' * 3)
@example(data=b"\xff\xfe\x00")
def test_whatever_the_bytes_they_are_read_or_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(data)
    try:
        part = source.read(tmp_path / "t.csv", EMPTY)
    except SosieError:
        return
    assert len(part.keys) == part.tables[0].frame.height > 0
    source.write(part, tmp_path / "out")
