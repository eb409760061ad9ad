"""HL7 v2 results are read as events, written as messages under a made-up identity, and copied."""

from pathlib import Path

import numpy as np
import pytest

from sosie.checkpoint import Checkpoint
from sosie.engine import silent
from sosie.errors import UnreadableError
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Order
from sosie.timelines.copy import Timelines
from sosie.timelines.events import Code, Group
from sosie.timelines.source.hl7 import Hl7
from tests.timelines.same import assert_same_events

EMPTY = Manifest()
HL7 = Hl7()


def _segment(name: str, told: dict[int, str]) -> str:
    return "|".join([name, *(told.get(number, "") for number in range(1, max(told) + 1))])


def message(n: int, day: int, *, glucose: str = "5.4", ending: str = "\r") -> str:
    dead = {29: "20210601", 30: "Y"} if n == 2 else {30: "N"}
    who = {1: "1", 3: f"IPP{n}^^^HOSP^PI", 5: "Dupont^Jeanne", 7: f"195{n}0203", 8: "FM"[n % 2]}
    who |= {11: "1 rue X^^Lyon^^69003", 13: "0612345678", **dead}
    stay = {1: "1", 2: "I", 3: "WARD1", 7: "12345^House^Greg", 19: f"V{n}{day}"}
    stay |= {44: f"202103{day:02d}080000", 45: f"202103{day + 2:02d}120000"}
    segments = [
        f"MSH|^~\\&|LAB|HOSP|EMR|HOSP|202103{day:02d}100000||ORU^R01|MSG{n}{day}|P|2.5",
        _segment("PID", who),
        _segment("PV1", stay),
        f"OBR|1|P{n}{day}|F{n}{day}|24323-8^Panel^LN|||202103{day:02d}093000",
        f"OBX|1|NM|2345-7^Glucose^LN||{glucose}|mmol/L|3.9-5.8|N|||F|||202103{day:02d}093000",
        "OBX|2|SN|1988-5^CRP^LN||<^5|mg/L|||||F",
        "OBX|3|CWE|5802-4^Nitrite^LN||NEG^Negative^L||||||F",
        "OBX|4|TX|18842-5^Comment^LN||Called Dr Martin, patient upset||||||F",
        "NTE|1||hand carried by Marie",
        "NK1|1|Dupont^Paul|HUSBAND",
    ]
    return ending.join(segments) + ending


def text(*, ending: str = "\r", framed: bool = False, glucose: str = "5.4") -> str:
    some = [message(n, day, ending=ending, glucose=glucose) for n in range(3) for day in (3, 9)]
    return "".join(f"\x0b{each}\x1c\r" for each in some) if framed else ending.join(some)


def _source(place: Path, **options: object) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    (place / "lab.hl7").write_bytes(text(**options).encode())  # type: ignore[arg-type]
    return place


def test_results_visits_and_patients_are_read(tmp_path: Path) -> None:
    part = HL7.read(_source(tmp_path), EMPTY)
    assert part.keys == ("IPP0", "IPP1", "IPP2")
    assert part.people["sex"].to_list() == ["F", "M", "F"]
    assert part.people["dead"].to_list() == [False, False, True]
    assert Code(Group.MEASUREMENT, "2345-7", "LOINC", "mmol/L") in part.codes
    assert Code(Group.VISIT, "I", "HL70004") in part.codes
    assert "Negative" in part.texts
    assert set(part.events.value[~np.isnan(part.events.value)]) == {5.4, 5.0}
    assert set(part.events.visit[part.events.visit >= 0]) == {0, 1}


@pytest.mark.parametrize("options", [{}, {"ending": "\n"}, {"framed": True}, {"ending": "\r\n"}])
def test_messages_come_back_as_they_were(tmp_path: Path, options: dict[str, object]) -> None:
    part = HL7.read(_source(tmp_path / "in", **options), EMPTY)
    HL7.write(part, tmp_path / "out")
    again = HL7.read(tmp_path / "out", EMPTY)
    assert_same_events(part, again)
    assert part.people.equals(again.people)
    assert (b"\x0b" in (tmp_path / "out" / "lab.hl7").read_bytes()) is ("framed" in options)


def test_each_message_tells_its_separators(tmp_path: Path) -> None:
    plain = HL7.read(_source(tmp_path / "in"), EMPTY)
    (tmp_path / "other").mkdir()
    swapped = text().replace("|", "!").replace("^", "*").replace("~", "+").replace("&", "%")
    (tmp_path / "other" / "lab.hl7").write_text(swapped, newline="")
    assert_same_events(plain, HL7.read(tmp_path / "other", EMPTY))


def test_doubles_bear_a_made_up_identity(tmp_path: Path) -> None:
    HL7.write(HL7.read(_source(tmp_path / "in"), EMPTY), tmp_path / "out")
    written = (tmp_path / "out" / "lab.hl7").read_text()
    assert "PID|1||D000001||SOSIE^DOUBLE||19500203|F" in written
    assert [word for word in ("Dupont", "IPP", "Lyon", "House", "V03", "Marie", "P03") if word in written] == []


def _copied(tmp_path: Path, **options: object) -> Path:
    (tmp_path / "out").mkdir()
    source = _source(tmp_path / "in", **options)
    Timelines().copy(source, EMPTY, tmp_path / "out", Order(Pseudonyms(bytes(range(32)))), Checkpoint(), silent)
    return tmp_path / "out" / "data"


@pytest.mark.parametrize("framed", [False, True])
def test_a_copy_names_nobody_and_keeps_the_results(tmp_path: Path, framed: bool) -> None:
    out = _copied(tmp_path, framed=framed)
    written = (out / "lab.hl7").read_text()
    words = ("Dupont", "IPP", "Lyon", "House", "Martin", "Marie", "Paul", "0612345678", "MSG", "20210303", "NK1")
    assert [word for word in words if word in written] == []
    assert written.count("MSH|^~\\&|LAB|") == 6
    before, after = HL7.read(tmp_path / "in", EMPTY), HL7.read(out, EMPTY)
    assert len(after.keys) == 3
    kept = ~np.isnan(before.events.value)
    np.testing.assert_array_equal(
        np.sort(after.events.value[~np.isnan(after.events.value)]), np.sort(before.events.value[kept])
    )
    assert set(after.codes) == set(before.codes)


def test_an_identifier_among_results_is_replaced(tmp_path: Path) -> None:
    nir = "255081416802538"
    source = _source(tmp_path / "in")
    path = source / "lab.hl7"
    path.write_bytes(path.read_bytes().replace(b"|CWE|5802-4^Nitrite^LN||NEG^Negative^L", f"|ST|X^Y^L||{nir}".encode()))
    (tmp_path / "out").mkdir()
    Timelines().copy(source, EMPTY, tmp_path / "out", Order(Pseudonyms(bytes(range(32)))), Checkpoint(), silent)
    assert nir not in (tmp_path / "out" / "data" / "lab.hl7").read_text()


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("|||20210303093000\rOBX|2", "|||3 March 2021\rOBX|2", "OBX-14"),
        ("19510203", "born 1951", "PID-7"),
        ("OBX|2", "obx 2", None),
    ],
)
def test_a_bad_field_is_told_by_its_line(tmp_path: Path, old: str, new: str, column: str | None) -> None:
    source = _source(tmp_path)
    path = source / "lab.hl7"
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
    with pytest.raises(UnreadableError) as caught:
        HL7.read(source, EMPTY)
    assert caught.value.column == column
    assert caught.value.row
    assert "March" not in str(caught.value)
    assert "1951" not in str(caught.value)


def test_messages_that_are_no_results_are_told(tmp_path: Path) -> None:
    source = _source(tmp_path)
    (source / "adt.hl7").write_text("MSH|^~\\&|A|B|C|D|2021||ADT^A01|1|P|2.5\rPID|1||IPP9\r", newline="")
    part = HL7.read(source, EMPTY)
    assert "adt.hl7: 1 messages are no results (ORU) and were left out" in part.notices
    (source / "lab.hl7").unlink()
    with pytest.raises(UnreadableError, match="no message of results"):
        HL7.read(source, EMPTY)


def test_other_text_is_not_taken_for_messages(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("MSH is a segment of HL7")
    assert not HL7.recognises(tmp_path, EMPTY)
