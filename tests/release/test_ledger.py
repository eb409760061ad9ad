import json
import math
from pathlib import Path

import numpy as np
import pytest

from sosie import institution
from sosie.cohort import Cohort
from sosie.errors import ManifestError
from sosie.evidence import Criterion, CriterionId, Decision, Evidence, Status, Verdict
from sosie.institution import Institution
from sosie.pseudonyms import Pseudonyms
from sosie.release import ledger
from sosie.release.ledger import NO_HISTORY, Fingerprint, History


@pytest.fixture
def hospital() -> Institution:
    return institution.load()


def cohort(first: int, stop: int) -> Cohort:
    return Cohort(tuple(f"IPP-{number}" for number in range(first, stop)), {})


def evidence(decision: Decision = Decision.RELEASED, upper: float = 0.53, **stated: object) -> Evidence:
    criterion = Criterion(
        id=CriterionId.MEMBERSHIP_AUC,
        group="membership",
        value=0.51,
        upper_95=upper,
        threshold=0.55,
        status=Status.PASSED,
    )
    return Evidence(
        sosie_version="0.1.0", inputs=[], settings=stated, verdict=Verdict(decision=decision, criteria=[criterion])
    )


def attempt(hospital: Institution, patients: Cohort, run: str, decision: Decision = Decision.RELEASED) -> History:
    mark = Fingerprint.of(patients, hospital.pseudonyms)
    before = ledger.history(hospital, mark, run)
    ledger.record(hospital, mark, evidence(decision), before, run)
    return ledger.history(hospital, mark)


def test_attempts_and_releases_of_one_cohort_are_counted(hospital: Institution) -> None:
    assert attempt(hospital, cohort(0, 300), "a", Decision.REFUSED) == History(1, ())
    after = attempt(hospital, cohort(0, 300), "b")
    assert after.attempts == 2
    assert after.releases == ({CriterionId.MEMBERSHIP_AUC.value: 0.53},)
    assert after.stated() == {"attempts": 3, "releases": 1, "confidence": pytest.approx(1 - 0.05 / 9)}


def test_a_run_that_was_killed_after_its_entry_counts_once(hospital: Institution) -> None:
    attempt(hospital, cohort(0, 300), "a")
    assert attempt(hospital, cohort(0, 300), "a").attempts == 1
    assert ledger.history(hospital, Fingerprint.of(cohort(0, 300), hospital.pseudonyms), "a") == NO_HISTORY


def test_other_patients_have_another_history(hospital: Institution) -> None:
    attempt(hospital, cohort(0, 300), "a")
    assert ledger.history(hospital, Fingerprint.of(cohort(300, 600), hospital.pseudonyms)) == NO_HISTORY


def test_the_chance_of_a_false_release_stays_bounded_over_any_number_of_attempts() -> None:
    errors = [1 - History(attempts).confidence for attempts in range(10_000)]
    assert History().confidence == 0.95
    assert sum(errors) < 0.05 * math.pi**2 / 6 + 1e-12


@pytest.mark.parametrize(("size", "other"), [(100, 100), (1000, 1000), (12_000, 12_000), (12_000, 1_000)])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 1.0])
def test_the_overlap_of_two_extractions_is_estimated(size: int, other: int, share: float) -> None:
    # A key of chance would miss the tolerance once in some fifty.
    pseudonyms = Pseudonyms(bytes(32))
    shared = round(share * other)
    here = Fingerprint.of(cohort(0, size), pseudonyms)
    there = Fingerprint.of(cohort(size - shared, size - shared + other), pseudonyms)
    assert here.overlap(there) == there.overlap(here)
    assert here.overlap(there) == pytest.approx(share, abs=0.0 if share in (0.0, 1.0) else 0.15)
    if share != 0.02:
        assert (here.overlap(there) > ledger.OVERLAP) == (share > ledger.OVERLAP)


def test_without_keys_the_rows_are_recognised_whatever_their_order(hospital: Institution) -> None:
    import polars as pl

    import sosie

    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"age": rng.normal(size=300), "crp": rng.normal(size=300)})
    others = pl.DataFrame({"age": rng.normal(size=300), "crp": rng.normal(size=300)})
    first, again, other = (
        Fingerprint.of(sosie.read(one).cohort, hospital.pseudonyms) for one in (frame, frame[::-1], others)
    )
    assert first.overlap(again) == 1.0
    assert first.overlap(other) == 0.0


def test_no_patient_and_no_seed_is_in_the_file(hospital: Institution) -> None:
    mark = Fingerprint.of(cohort(0, 100), hospital.pseudonyms)
    ledger.record(hospital, mark, evidence(seed=98765432109), NO_HISTORY, "a")
    text = hospital.ledger.read_text()
    assert "IPP" not in text
    assert "98765432109" not in text
    assert json.loads(text)["test"] is True
    assert hospital.ledger.stat().st_mode & 0o077 == 0


def lines(hospital: Institution) -> list[bytes]:
    for run in "abcd":
        attempt(hospital, cohort(0, 50), run)
    return hospital.ledger.read_bytes().splitlines(keepends=True)


def test_any_change_of_the_ledger_is_found(hospital: Institution) -> None:
    whole = lines(hospital)
    mark = Fingerprint.of(cohort(0, 50), hospital.pseudonyms)
    changes = [
        whole[1:],  # the head is gone
        whole[:1] + whole[2:],  # one from the middle
        [whole[1], whole[0], *whole[2:]],
        [whole[0], whole[0], *whole[1:]],
        [whole[0].replace(b"released", b"refused"), *whole[1:]],
        [b"junk\n", *whole],
        [*whole, b"{}\n"],
        [*whole, b"[]\n"],
    ]
    for change in changes:
        hospital.ledger.write_bytes(b"".join(change))
        with pytest.raises(ManifestError, match="ledger was changed"):
            ledger.history(hospital, mark)
    hospital.ledger.write_bytes(b"".join(whole))
    assert ledger.history(hospital, mark).attempts == 4


def test_a_line_that_a_kill_cut_short_is_no_entry_and_the_next_takes_its_place(hospital: Institution) -> None:
    whole = lines(hospital)
    hospital.ledger.write_bytes(b"".join(whole[:3]) + whole[3][:-20])
    assert attempt(hospital, cohort(0, 50), "e").attempts == 4
    assert hospital.ledger.read_bytes().count(b"\n") == 4


def test_the_ledger_of_another_key_is_refused(hospital: Institution, tmp_path: Path) -> None:
    lines(hospital)
    other = institution.load(tmp_path / "other")
    other.ledger.write_bytes(hospital.ledger.read_bytes())
    with pytest.raises(ManifestError, match="another key"):
        ledger.history(other, Fingerprint.of(cohort(0, 50), other.pseudonyms))


def test_two_attempts_that_overlap_in_time_do_not_pass_each_other(hospital: Institution) -> None:
    mark = Fingerprint.of(cohort(0, 50), hospital.pseudonyms)
    ledger.record(hospital, mark, evidence(), NO_HISTORY, "a")
    with pytest.raises(ManifestError, match="another run"):
        ledger.record(hospital, mark, evidence(), NO_HISTORY, "b")
    assert hospital.ledger.read_bytes().count(b"\n") == 1
