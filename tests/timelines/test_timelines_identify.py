from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_timelines import ALT, SMEAR, timelines

from sosie.cohort import Role
from sosie.manifest import Manifest
from sosie.timelines.events import Clock, Code, Group, TimelinesPart
from sosie.timelines.identify import findings, forms, uniqueness

MANIFEST = Manifest()
PART = timelines(150, 2)


def labels(part: TimelinesPart, place: str) -> set[str]:
    return {found.label for found in findings(part, MANIFEST) if found.place == place}


def said(words: tuple[str, ...]) -> TimelinesPart:
    """Let the smears say these words, one each."""
    held = np.flatnonzero(PART.events.code == SMEAR)
    text = PART.events.text.copy()
    text[held] = np.arange(len(held)) % len(words)
    return replace(PART, texts=words, events=replace(PART.events, text=text))


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("2 55 08 14 168 025 38", "NIR"),
        ("voir jeanne.petit@exemple.fr", "EMAIL"),
        ("rappeler au 06 12 34 56 78", "PHONE"),
        ("Marie Durand", "NAME"),
        ("revue le 12/03/2019", "DATE"),
        ("the patient came back with her daughter and asked for a letter", "FREE_TEXT"),
    ],
)
def test_what_identifies_is_found_in_a_value(word: str, label: str) -> None:
    assert label in labels(said(("negative", word)), "events.value")


@pytest.mark.parametrize("word", ["negative", "12.5", "4548-4", "1+", "Escherichia coli", "Gram positive", "10^5 CFU"])
def test_usual_values_are_nobody(word: str) -> None:
    assert forms.of(word) is None


def test_a_social_security_number_is_found_among_numbers() -> None:
    value = PART.events.value.copy()
    value[np.flatnonzero(PART.events.code == ALT)[0]] = 255081416802538.0
    assert "NIR" in labels(replace(PART, events=replace(PART.events, value=value)), "events.value")


def test_values_of_one_patient_each_are_numbers_of_something() -> None:
    held = int((PART.events.code == SMEAR).sum())
    assert "IDENTIFIER" in labels(said(tuple(f"S{at:06d}" for at in range(held))), "events.value")


def test_rare_codes_are_counted_and_never_named() -> None:
    code = PART.events.code.copy()
    code[0] = len(PART.codes)
    rare = replace(PART, codes=(*PART.codes, Code(Group.CONDITION, "E75.2")), events=replace(PART.events, code=code))
    found = [one for one in findings(rare, MANIFEST) if one.label == "RARE_CODE"]
    assert len(found) == 1
    assert "E75" not in found[0].reason


def test_dates_are_found_on_a_calendar() -> None:
    dated = [found for found in findings(timelines(20, 0, Clock.CALENDAR), MANIFEST) if found.role is Role.DATE]
    assert any("exact dates" in found.reason for found in dated)


def test_no_finding_holds_a_value() -> None:
    part = said(("negative", "Marie Durand 06 12 34 56 78"))
    assert not [one for one in findings(part, MANIFEST) if "Durand" in one.reason or "06" in one.reason]


@pytest.mark.parametrize("clock", list(Clock))
def test_two_gaps_single_out_nearly_everybody(clock: Clock) -> None:
    gaps = uniqueness(timelines(150, 2, clock), MANIFEST)["gaps"]
    assert isinstance(gaps, list)
    assert gaps[1]["day"] > 0.95 > gaps[1]["month"]


def test_twins_are_alone_with_nothing() -> None:
    twins = PART.take(np.repeat(np.arange(75), 2))
    told = uniqueness(twins, MANIFEST)
    for name, share in (("gaps", "day"), ("events", "day"), ("codes", "alone")):
        assert all(step[share] == 0.0 for step in told[name])  # type: ignore[attr-defined]
    assert all(step["alone"] == 0.0 for step in told["quasi_identifiers"])  # type: ignore[attr-defined]


def test_diagnoses_are_cut_to_three_characters() -> None:
    codes = tuple(
        replace(code, code=f"{code.code}.9") if code.group is Group.CONDITION else code for code in PART.codes
    )
    cut = replace(PART, codes=codes)
    assert uniqueness(cut, MANIFEST)["diagnoses"] == uniqueness(PART, MANIFEST)["diagnoses"]


def test_shares_among_fewer_than_k_patients_are_not_told() -> None:
    few = PART.take(np.arange(8))
    told = uniqueness(few, MANIFEST)
    assert told["gaps"] == told["events"] == []


def test_a_part_without_events_is_described() -> None:
    nobody = PART.take(np.array([-1, -1]))
    assert uniqueness(nobody, MANIFEST)["patients"] == 0
    assert findings(replace(PART.take(np.arange(3)), people=pl.DataFrame(PART.people[:3])), MANIFEST)
