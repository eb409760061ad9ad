from sosie.report.html import render
from sosie.report.notes import read
from sosie.report.words import words
from tests.report.made_evidence import evidence

MEASURED = {
    "patients": {"original": 300, "doubles": 300},
    "notes": {"original": 906, "doubles": 911},
    "facts_similarity": 0.93,
    "lengths": {"original": {"words": [20, 65, 90]}, "doubles": {"words": [18, 60, 80]}},
    "downstream": [{"target": "kind", "metric": "accuracy", "original": 1.0, "doubles": 0.98, "gap": 0.02}],
    "attacks": {"rare_rows": 0, "canaries": [{"patients": 1, "doubles": 0}, {"patients": 44, "doubles": 31}]},
}


def test_nothing_is_said_of_notes_that_were_not_measured() -> None:
    assert read(None, words("en")) is None


def test_what_is_kept_and_what_was_attacked_are_two_tables() -> None:
    found = read(MEASURED, words("en"))
    assert found is not None
    assert [row.doubles for row in found.kept if "similarity" in row.name] == ["0.930"]
    assert [row.doubles for row in found.attacks] == ["0", "0", "31"]


def test_what_cannot_be_read_is_left_out() -> None:
    found = read({"attacks": "none", "downstream": 3, "lengths": []}, words("fr"))
    assert found is not None
    assert found.attacks == ()


def test_the_report_shows_notes_with_or_without_tables() -> None:
    made = evidence()
    alone = made.model_copy(update={"utility": {"notes": MEASURED}})
    both = made.model_copy(update={"utility": {**made.utility, "notes": MEASURED}})
    for page in (render(alone, language="fr"), render(both, language="fr")):
        assert "Attaques sur les textes" in page
    assert "Attaques sur les textes" not in render(made, language="fr")
