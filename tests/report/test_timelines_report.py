from functools import cache
from typing import Any

import numpy as np
import pytest
from made_evidence import HOSTILE, evidence

from sosie.report.html import render
from sosie.report.timelines import read, singled
from sosie.report.words import LANGUAGES, Language, words

SIDES = {"original": 100, "doubles": 120}
MEASURED: dict[str, Any] = {
    "k": 11,
    "patients": SIDES,
    "events": {"original": 3000, "doubles": 3600},
    "prevalence": {"r2": 0.98, "codes": [{"code": HOSTILE, "original": 0.2, "doubles": 0.4}]},
    "cooccurrence": {"r2": 0.96, "pairs": 12},
    "bigrams": {"r2": 0.91, "pairs": 12},
    "gaps": {"ks": 0.03, "histogram": {"edges": [30.0, None], "original": [0.6, 0.4], "doubles": [0.5, 0.5]}},
    "days_ks": 0.04,
    "values": {
        "median_ks": 0.05,
        "tests": [{"code": "alt", "autocorrelation": {"original": 0.8, "doubles": 0.7}}],
        "bands": [
            {
                "code": HOSTILE,
                "steps": [{"years": year, "original": [1, 2, 3], "doubles": [1, 2, 4]} for year in (0.5, 1.5)],
            }
        ],
    },
    "survival": {
        "duration": "",
        "event": "",
        "group": "sex",
        "distance": 0.02,
        "logrank_p": 0.4,
        "groups": [{"group": "all", "distance": 0.02, "logrank_p": 0.4}],
        "curves": [
            {"group": "all", "who": who, "time": [0.0, 2.0], "survival": [1.0, 0.8]} for who in ("original", "doubles")
        ],
        "cox": [{"name": "age", "original": [1.5, 1.2, 1.9], "doubles": [1.4, 1.1, 1.8], "overlap": 0.8}],
        "overlap": 0.8,
    },
    "prediction": [
        {"target": "next_visit", "metric": "auc", "original": 0.7, "doubles": 0.69, "gap": 0.01},
        {"target": "death", "metric": "auc", "original": 0.8, "doubles": 0.79, "gap": 0.01, "days": 1826.25},
    ],
    "rules": [{"rule": "after_death", "original": 3, "doubles": 0}],
    "attacks": {
        "known_events": [{"known": 4, "doubles": {"day": 0.01}, "strangers": {"day": 0.012}}],
        "known_gaps": [{"known": 2, "doubles": {"day": 0.001}, "strangers": {"day": 0.002}}],
        "linkage": {"doubles": 0.01, "strangers": 0.02, "targets": 80},
        "stretches": {who: {"longest": 9, "mean": 3.2, "high": 7.0} for who in ("doubles", "strangers")},
    },
}
SINGLED = {
    "k": 11,
    "quasi_identifiers": [{"columns": ["sex"], "alone": 0.0, "under_k": 0.0}],
    "gaps": [{"known": 2, "patients": 90, "day": 0.98, "week": 0.7, "month": 0.2}],
    "diagnoses": [{"known": 5, "patients": 90, "alone": 0.89}],
}


@cache
def page(language: Language) -> str:
    made = evidence()
    told = {"utility": {"timelines": MEASURED}, "privacy": {**made.privacy, "uniqueness": SINGLED}}
    return render(made.model_copy(update=told), language=language)


def test_nothing_is_said_of_timelines_that_were_not_measured() -> None:
    assert read(None, words("en")) is None
    assert singled({}, words("en")) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_a_sentence(language: Language) -> None:
    told = read(MEASURED, words(language))
    assert told is not None
    assert len(told.kept) == 15
    assert len(told.attacks) == 6
    assert all(row.text and row.name and row.doubles for row in (*told.kept, *told.attacks))


def test_patients_and_doubles_stand_side_by_side() -> None:
    told = read(MEASURED, words("en"))
    assert told is not None
    rows = {row.name: (row.real, row.doubles) for row in told.kept}
    assert rows["Events against the rules"] == ("3", "0")
    assert rows["Death within 5 years, foretold by a program that learned from …"] == ("0.800", "0.790")


def test_the_report_draws_prevalence_gaps_bands_and_curves() -> None:
    assert page("en").count("<svg") >= 5
    for name in ("tlp-title", "tlg-title", "tlb0-title", "tlsk0-title", "tlsf-title"):
        assert name in page("en")


def test_names_of_codes_are_escaped() -> None:
    assert "<script>alert" not in page("en")


@pytest.mark.parametrize(("language", "share"), [("en", "98.0%"), ("fr", "98,0\u202f%")])
def test_the_report_says_how_little_singles_a_patient_out(language: Language, share: str) -> None:
    assert words(language)("timelines.singled") in page(language)
    assert share in page(language)


@pytest.mark.parametrize("broken", [3, "text", [], {"known": None}, np.nan, {"a": [{}]}, [{"x": 1}]])
@pytest.mark.parametrize("name", [*MEASURED, "codes"])
def test_what_cannot_be_read_is_left_out(name: str, broken: object) -> None:
    assert read({**MEASURED, name: broken}, words("en")) is not None
