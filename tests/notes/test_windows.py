import pytest

from sosie.notes import windows
from sosie.notes.document import Document


def notes(*patients: str | None) -> list[Document]:
    return [Document(f"{at}.txt", "x" * 10, patient) for at, patient in enumerate(patients)]


def test_a_window_holds_a_bounded_number_of_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "DOCUMENTS", 2)
    assert [len(window) for window in windows.windows(notes(*"abcde"))] == [2, 2, 1]


def test_a_long_note_is_a_window_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "CHARACTERS", 15)
    assert [len(window) for window in windows.windows(notes(*"abc"))] == [1, 1, 1]
    assert list(windows.windows([])) == []


def test_the_notes_of_a_patient_stay_together_whatever_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "TASK", 20)
    made = windows.tasks(notes("a", "b", "a", None, "b", "a"))
    assert [[(each.key, each.positions) for each in task] for task in made] == [
        [("a", (0, 2, 5))],
        [("b", (1, 4))],
        [("3.txt", (3,))],
    ]


@pytest.mark.parametrize(
    ("name", "key"),
    [("a.jsonl#7", "a.jsonl#7"), ("a.jsonl#7/header", "a.jsonl#7"), ("a.xml#header", "a.xml"), ("a.txt", "a.txt")],
)
def test_a_note_and_its_header_are_one_s(name: str, key: str) -> None:
    assert windows.owner(Document(name, "")) == key


def test_a_patient_whom_the_tables_know_owns_the_note_that_names_their_key() -> None:
    known = {"8001234", "AB-77"}
    assert windows.owner(Document("a.txt", "IPP : 8001234."), known) == "8001234"
    assert windows.owner(Document("AB-77_cr.txt", ""), known) == "AB-77"
    assert windows.owner(Document("a.txt", "IPP : 8001235."), known) == "a.txt"
