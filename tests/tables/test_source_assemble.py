"""The patient key: found, declared, matched between tables, refused where patients repeat."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sosie.cohort import Role
from sosie.errors import ManifestError, UnreadableError
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.tables import source
from sosie.tables.frame import TablesPart

EMPTY = Manifest()


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text)
    return path


@pytest.mark.parametrize(
    "name", ["patient_id", "ID Patient", "IPP", "N° dossier", "USUBJID", "pidnum", "Numéro patient", "id"]
)
def test_a_key_is_known_by_its_name(name: str) -> None:
    (table,) = source.from_frame(pl.DataFrame({"age": [3, 4], name: [11, 12]})).tables
    assert table.key == name
    assert table.column(name).role is Role.KEY


def test_a_likely_name_with_repeated_values_is_no_key() -> None:
    part = source.from_frame(pl.DataFrame({"id": [7, 7, 8], "x": [1, 2, 3]}))
    assert part.tables[0].key is None
    assert part.keys == ("1", "2", "3")
    assert "column 'id': its values repeat" in str(part.tables[0].file.options["notices"])


@pytest.mark.parametrize(("name", "manifest"), [("patient_id", EMPTY), ("visit", Manifest(patient="visit"))])
def test_repeated_patients_are_a_timeline_and_refused_at_their_row(name: str, manifest: Manifest) -> None:
    with pytest.raises(UnreadableError, match=rf"column '{name}', row 4: .*timeline") as caught:
        source.from_frame(pl.DataFrame({name: ["secret", "b", "secret"]}), manifest=manifest)
    assert "secret" not in str(caught.value)


def test_a_missing_key_is_refused_at_its_row() -> None:
    with pytest.raises(UnreadableError, match="column 'ipp', row 3: the patient key is missing"):
        source.from_frame(pl.DataFrame({"ipp": ["a", None, "c"]}))


def test_tables_of_a_folder_are_aligned_on_their_patients(tmp_path: Path) -> None:
    folder(tmp_path, a="patient_id,x\n1,10\n2,20\n", b="y,Patient-ID\n5,3\n6,2\n", sosie="not,a\n")
    (tmp_path / "sosie.csv").unlink()
    (tmp_path / "sosie.yaml").write_text("version: 1")
    part = source.read(tmp_path, EMPTY)
    assert part.keys == ("1", "2", "3")
    assert [table.frame.columns[0] for table in part.tables] == ["patient_id", "y"]
    assert part.tables[1].frame["y"].to_list() == [None, 6, 5]
    assert [list(mask) for mask in part.present] == [[True, True, False], [False, True, True]]


def test_a_patient_without_a_row_gets_none_in_the_release(tmp_path: Path) -> None:
    folder(tmp_path, a="patient_id,x\n1,10\n2,20\n", b="patient_id,y\n3,5\n2,6\n")
    source.write(source.read(tmp_path, EMPTY), tmp_path / "out")
    assert (tmp_path / "out" / "b.csv").read_text() == "patient_id,y\n2,6\n3,5\n"


def test_padded_and_plain_numbers_are_the_same_patients(tmp_path: Path) -> None:
    folder(tmp_path, a="ipp,x\n001,10\n002,20\n", b="ipp,y\n2,5\n1,6\n")
    part = source.read(tmp_path, EMPTY)
    assert part.keys == ("1", "2")
    assert part.tables[1].frame["y"].to_list() == [6, 5]


def test_keys_of_two_kinds_that_cannot_be_matched_are_refused(tmp_path: Path) -> None:
    folder(tmp_path, a="ipp,x\nA1,10\nA2,20\n", b="ipp,y\n2,5\n1,6\n")
    with pytest.raises(UnreadableError, match=r"a\.csv, column 'ipp': keys are numbers"):
        source.read(tmp_path, EMPTY)


def test_tables_without_a_common_key_ask_for_one(tmp_path: Path) -> None:
    folder(tmp_path, a="ipp,x\n1,10\n", b="visit,x\n2,5\n")
    with pytest.raises(ManifestError, match=r"write `patient: NAME_OF_THE_KEY_COLUMN` in sosie\.yaml \(in common: x\)"):
        source.read(tmp_path, EMPTY)


def test_tables_of_the_same_name_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    for centre in ("lyon", "nantes"):
        (tmp_path / centre).mkdir()
        folder(tmp_path / centre, lab="id,x\n1,10\n")
    (tmp_path / ".hidden").mkdir()
    folder(tmp_path / ".hidden", lab="id,x\n1,10\n")
    part = source.read(tmp_path, EMPTY)
    assert [table.name for table in part.tables] == ["lyon/lab", "nantes/lab"]
    assert [table.file.path for table in part.tables] == ["lyon/lab.csv", "nantes/lab.csv"]


def test_what_the_manifest_declares_is_in_the_formats() -> None:
    said = ColumnManifest(role=Role.SENSITIVE, decimals=1, hierarchy="prefix", kind="categorical")
    manifest = Manifest(tables={"t": TableManifest(columns={"x": said})})
    (table,) = source.from_frame(pl.DataFrame({"x": [1.25, 2.5]}), "t", manifest).tables
    column = table.column("x")
    assert (column.role, column.decimals, column.hierarchy) == (Role.SENSITIVE, 1, "prefix")
    assert column.categorical


def test_recognises_tables_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague")
    assert not source.recognises(tmp_path)
    folder(tmp_path, a="id\n1\n")
    assert source.recognises(tmp_path)
    assert source.recognises("postgresql+psycopg://clinic/base")
    assert not source.recognises(tmp_path / "letter.txt")


def test_frames_come_back_as_they_came() -> None:
    import pandas as pd
    import pyarrow as pa

    frame = pl.DataFrame({"id": [1, 2, 3], "sex": ["F", None, "M"], "dose": [0.5, None, 2.0]})
    for like in (frame, frame.to_pandas(), frame.to_arrow()):
        part: TablesPart = source.from_frame(like)
        back = source.to_native(part.tables[0], like)
        assert type(back) is type(like)
        assert_frame_equal(pl.DataFrame(back) if not isinstance(back, pd.DataFrame) else pl.from_pandas(back), frame)
        assert part.tables[0].column("dose").decimals == 1
    assert isinstance(back, pa.Table)


def test_a_pandas_column_of_several_types_is_text_with_a_notice() -> None:
    import pandas as pd

    (table,) = source.from_frame(pd.DataFrame({"a": [1, "x", None]})).tables
    assert table.frame["a"].to_list() == ["1", "x", None]
    assert "column 'a': values of several types" in str(table.file.options["notices"])


def test_what_is_no_data_frame_or_repeats_a_name_is_refused() -> None:
    import pandas as pd

    for frame, message in ((42, "not a data frame"), (pd.DataFrame([[1, 2]], columns=["a", "a"]), "column 'a'")):
        with pytest.raises(UnreadableError, match=message):
            source.from_frame(frame)
