import numpy as np
import pytest

from sosie.evidence import Criterion, CriterionId, Status
from sosie.release import gate
from sosie.release.composition import composed
from sosie.release.ledger import History

AUC, TPR = CriterionId.MEMBERSHIP_AUC, CriterionId.MEMBERSHIP_TPR
LINK = CriterionId.LINKABILITY


def after(identity: CriterionId, value: float, upper: float | None, *earlier: float) -> Criterion:
    history = History(len(earlier), tuple({identity.value: bound} for bound in earlier))
    return composed([gate.judge(identity, value, upper)], history)[0]


def test_a_first_release_is_judged_as_it_is() -> None:
    alone = [gate.judge(AUC, 0.52, 0.54)]
    assert composed(alone, History(3, ())) == alone


def test_areas_compose_as_the_attacks_on_both_releases_do() -> None:
    """Whoever adds the scores of two independent looks at two Gaussians gets the composed area."""
    rng, shift = np.random.default_rng(0), np.array([0.25, 0.4])
    inside, outside = rng.normal(size=(200_000, 2)) + shift, rng.normal(size=(200_000, 2))
    one, two = (np.mean(inside[:, at] > outside[:, at]) for at in (0, 1))
    both = np.mean(inside @ shift > outside @ shift)
    assert after(AUC, one, one, two).value == pytest.approx(both, abs=0.005)


def test_rates_above_a_baseline_add_up() -> None:
    made = after(LINK, 0.01, 0.03, 0.02, 0.03, -0.01)
    assert (made.value, made.upper_95) == (pytest.approx(0.06), pytest.approx(0.08))
    assert made.status is Status.PASSED
    found = after(TPR, 0.012, 0.015, 0.016)
    assert (found.value, found.upper_95) == (pytest.approx(0.018), pytest.approx(0.021))


def test_what_earlier_releases_took_is_no_longer_there() -> None:
    first, again = after(AUC, 0.53, 0.54), after(AUC, 0.53, 0.54, 0.54)
    assert first.status is Status.PASSED
    assert again.status is not Status.PASSED
    assert again.needed is not None
    assert "a bound of 0.5" in again.needed
    assert "1 earlier release of" in again.needed
    assert again.details["earlier_releases"] == 1
    assert again.details["alone_upper_95"] == 0.54


def test_when_nothing_is_left_it_says_so() -> None:
    for identity, bound in ((AUC, 0.55), (LINK, 0.09), (TPR, 0.03)):
        needed = after(identity, 0.0, bound, bound, bound).needed
        assert needed is not None
        assert "no further release, beside 2 earlier releases" in needed


@pytest.mark.parametrize("identity", [AUC, LINK])
def test_the_bound_that_is_asked_for_would_pass(identity: CriterionId) -> None:
    threshold = gate.THRESHOLDS[identity]
    earlier = 0.5 + 0.6 * (threshold - 0.5) if identity is AUC else 0.6 * threshold
    needed = after(identity, threshold * 0.99, threshold * 0.99, earlier).needed
    assert needed is not None
    room = float(needed.split("bound of ")[1].split()[0])
    assert after(identity, room - 0.001, room - 0.001, earlier).status is Status.PASSED
    assert after(identity, room - 0.001, room + 0.001, earlier).status is not Status.PASSED


def test_no_bound_says_the_worst() -> None:
    assert after(AUC, 0.51, float("inf"), 0.52).upper_95 == 1.0
    assert after(AUC, 0.51, None, 0.52).upper_95 is None


def test_an_attack_that_an_earlier_release_did_not_meet_counts_as_all_that_was_allowed() -> None:
    history = History(1, ({AUC.value: 0.52},))
    shadow, reference = composed(
        [gate.judge(CriterionId.SHADOW_RANDOM_AUC, 0.5, 0.51), gate.judge(CriterionId.REFERENCE_AUC, 0.5, 0.51)],
        history,
    )
    assert shadow.value == pytest.approx(0.60)
    assert reference.value == pytest.approx(0.52)


def test_what_concerns_one_release_only_does_not_compose() -> None:
    for identity in (CriterionId.TYPICALITY, CriterionId.EMPIRICAL_EPSILON):
        alone = gate.judge(identity, 1.0, 1.5, threshold=2.0)
        assert composed([alone], History(1, ({identity.value: 1.9},))) == [alone]
