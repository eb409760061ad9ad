from sosie.report.genomes import read
from sosie.report.html import render
from sosie.report.words import words
from tests.report.made_evidence import evidence

MEASURED = {
    "patients": {"original": 300, "doubles": 300},
    "variants": 805,
    "frequencies": {
        "r": 0.996,
        "fst": 0.0002,
        "points": [[0.1, 0.12], [0.4, 0.41]],
        "heterozygosity": {"original": {"mean": 0.32}, "doubles": {"mean": 0.33}},
    },
    "linkage": {
        "pair_r": 0.98,
        "decay_r": 0.99,
        "distance": [10, 100],
        "original": [0.5, 0.1],
        "doubles": [0.4, 0.1],
    },
    "structure": {"frechet": 0.01, "grid": {"cells": 8, "original": [[1, 2, 30]], "doubles": [[1, 2, 28]]}},
    "association": {
        "phenotype": "trait",
        "effects_r": 0.9,
        "top_shared": 0.5,
        "manhattan": {"site": [0, 1], "original": [1.0, 5.2], "doubles": [0.5, 4.8]},
    },
    "attacks": {"aats": {"accuracy": 0.52}, "kinship": {"highest": 0.1, "median": 0.05}},
}


def test_nothing_is_said_of_genomes_that_were_not_measured() -> None:
    assert read(None, words("en")) is None


def test_what_is_kept_what_was_attacked_and_the_pictures_are_shown() -> None:
    found = read(MEASURED, words("en"))
    assert found is not None
    assert len(found.charts) == 4
    assert len(found.attacks) == 3
    assert "0.9960" in [row.doubles for row in found.kept]


def test_what_cannot_be_read_of_genomes_is_left_out() -> None:
    broken = {"frequencies": {"points": [[1], "x"]}, "linkage": 3, "association": {"manhattan": {"site": [1]}}}
    found = read(broken, words("fr"))
    assert found is not None
    assert found.charts == ()
    assert found.attacks == ()


def test_the_report_shows_genomes() -> None:
    page = render(evidence().model_copy(update={"utility": {"genomes": MEASURED}}), language="fr")
    assert "Attaques sur les génotypes" in page
