"""REDCap exports, with the data dictionary and with events."""

from pathlib import Path

import pytest

from sosie.cohort import Role
from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.tables import source

DICTIONARY = (
    "Variable / Field Name,Form Name,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Identifier?\n'
    "record_id,demo,text,Record,,\n"
    "surname,demo,text,Surname,,y\n"
    'sex,demo,radio,Sex at birth,"1, Female | 2, Male",\n'
    'drugs,demo,checkbox,Drugs,"1, Aspirin | 2, Other",\n'
    "comment,demo,notes,Comment,,\n"
)
EXPORT = "record_id,surname,sex,drugs___1,drugs___2,comment,demo_complete\n1,A,1,0,1,x y,2\n2,B,2,1,0,,2\n"
EVENTS = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,weight,demo_complete\n"
    "1,baseline_arm_1,,,1,,2\n1,month_6_arm_1,,,,61.5,0\n2,baseline_arm_1,,,2,,2\n"
)
EMPTY = Manifest()


def project(folder: Path, export: str) -> Path:
    (folder / "study.csv").write_text(export)
    (folder / "study_DataDictionary.csv").write_text(DICTIONARY)
    return folder


@pytest.mark.parametrize("whole_folder", [True, False])
def test_the_dictionary_gives_labels_codes_and_identifiers(whole_folder: bool, tmp_path: Path) -> None:
    project(tmp_path, EXPORT)
    (table,) = source.read(tmp_path if whole_folder else tmp_path / "study.csv", EMPTY).tables
    assert table.key == "record_id"
    assert table.column("surname").role is Role.DIRECT
    assert table.column("comment").role is Role.FREE_TEXT
    assert table.column("sex").value_labels == {1: "Female", 2: "Male"}
    assert table.column("drugs___2").label == "Drugs: Other"
    assert table.column("demo_complete").categorical


def test_an_export_is_written_back_byte_for_byte(tmp_path: Path) -> None:
    source.write(source.read(project(tmp_path, EXPORT), EMPTY), tmp_path / "out")
    assert (tmp_path / "out" / "study.csv").read_text() == EXPORT


def test_each_event_is_a_table_and_the_release_one_file(tmp_path: Path) -> None:
    part = source.read(project(tmp_path, EVENTS), EMPTY)
    assert [table.name for table in part.tables] == ["study.baseline_arm_1", "study.month_6_arm_1"]
    assert [table.frame.columns for table in part.tables] == [
        ["record_id", "sex", "demo_complete"],
        ["record_id", "weight", "demo_complete"],
    ]
    source.write(part, tmp_path / "out")
    assert (tmp_path / "out" / "study.csv").read_text() == EVENTS


def test_repeating_instruments_are_refused_as_timelines(tmp_path: Path) -> None:
    repeated = EVENTS.replace("month_6_arm_1,,,", "month_6_arm_1,visit,1,")
    with pytest.raises(UnreadableError, match=r"column 'redcap_repeat_instrument', row 3: .*timeline"):
        source.read(project(tmp_path, repeated), EMPTY)
