import numpy as np
import pytest
from population import draw, halves

from sosie.attack.attribute import AGREEING, ConfidentClaims
from sosie.attack.leave_out import Excess, excess, replicate
from sosie.attack.rates import by_round, counts
from sosie.attack.space import Space
from sosie.cohort import Column, Kind, Rows, Vectors
from sosie.engine import Engine
from sosie.evidence import CriterionId

PRECISION, RECALL = CriterionId.ATTRIBUTE_PRECISION, CriterionId.ATTRIBUTE_RECALL


def rates(attack: ConfidentClaims, given: np.ndarray) -> dict[CriterionId, float]:
    found = counts(attack, given, len(given))
    return {one.id: float((one.right.sum(0) / np.maximum(one.tried.sum(0), 1)).max()) for one in found}


def judged(leak: bool, rounds: int = 12) -> dict[CriterionId, Excess]:
    patients = draw(100, np.random.default_rng(0))

    def make(rows: Rows, rng: np.random.Generator) -> Vectors:
        return patients.take(np.resize(rows, 100)) if leak else draw(100, rng)

    made = replicate(patients, make, rounds=rounds, rng=np.random.default_rng(1), engine=Engine(1))
    return {one.id: one for one in excess(made)}


def test_a_copy_of_half_of_the_patients_makes_claims_right_and_many() -> None:
    rng = np.random.default_rng(0)
    patients = draw(300, rng)
    release, inside = halves(patients, rng)
    attack = ConfidentClaims.of(patients)
    given = attack.credit(release, rng)
    within, without = rates(attack, given[inside]), rates(attack, given[~inside])
    assert within[PRECISION] > 0.95
    assert within[RECALL] > 0.8
    assert without[PRECISION] < 0.6
    assert without[RECALL] < 0.2


def test_a_method_that_publishes_its_patients_fails_and_noise_passes() -> None:
    leak, null = judged(leak=True), judged(leak=False)
    assert leak[PRECISION].figure.value > 0.3
    assert leak[RECALL].figure.value > 0.3
    for identity in (PRECISION, RECALL):
        assert abs(null[identity].figure.value) < 0.1
        assert null[identity].figure.value == pytest.approx(
            null[identity].rate_with - null[identity].rate_without, abs=1e-9
        )
    assert null[PRECISION].figure.upper_95 < 0.25
    assert null[RECALL].figure.upper_95 < 0.03


def test_the_nearest_doubles_are_found_without_the_secret() -> None:
    rng = np.random.default_rng(2)
    patients, release = draw(60, rng), draw(70, rng)
    attack = ConfidentClaims.of(patients)
    space = Space.of(patients)
    points, doubles = space.embed(patients).astype(float), space.embed(release).astype(float)
    squared, index = attack._nearest(space.embed(release))
    for at, secret in enumerate(attack.secrets):
        axis = space.axes[secret]
        kept = [i for i in range(space.width) if not axis.first <= i < axis.last]
        gaps = np.linalg.norm(points[:, None, kept] - doubles[None][:, :, kept], axis=2)
        np.testing.assert_allclose(np.sqrt(squared[:, at]), np.sort(gaps, axis=1)[:, :AGREEING], atol=1e-2)
        assert index[:, at].max() < len(release)


def test_what_most_doubles_have_is_never_claimed() -> None:
    rng = np.random.default_rng(3)
    known = rng.normal(size=(200, 3))
    common = (rng.random(200) < 0.1).astype(float)
    columns = (*(Column(f"x{i}", Kind.NUMERIC) for i in range(3)), Column("c", Kind.CATEGORICAL, 2))
    patients = Vectors(columns, np.column_stack([known, common]))
    attack = ConfidentClaims.of(patients, secrets=4)
    alone = ConfidentClaims(
        attack.space, attack.points, attack.secrets[3:], attack.edges[3:], attack.truth[:, 3:], attack.rare[:, 3:]
    )
    right, claimed, told, open_to = np.split(alone.credit(patients, rng), 4, axis=1)
    assert claimed[common == 0].max() <= 1
    assert open_to[:, 0].sum() == common.sum()
    np.testing.assert_array_equal(right, told)


def test_an_attacker_who_never_speaks_is_bounded_by_the_values_that_it_could_have_claimed() -> None:
    values = np.column_stack([np.zeros(60), np.arange(60) % 2])
    values[0, 0] = 1.0
    columns = (Column("a", Kind.CATEGORICAL, 2), Column("b", Kind.CATEGORICAL, 2))
    patients = Vectors(columns, values)
    made = replicate(
        patients,
        lambda rows, rng: Vectors(columns, np.zeros((60, 2))),
        rounds=4,
        rng=np.random.default_rng(0),
        engine=Engine(1),
    )
    found = {one.id: one for one in excess(made)}[PRECISION]
    assert found.details["claims"] == 0
    assert found.figure.value == 0
    assert 0 < found.figure.upper_95 < 1


def test_a_rate_over_rounds_is_the_ratio_of_the_sums() -> None:
    right, tried = np.array([[1.0], [0.0], [3.0]]), np.array([[2.0], [0.0], [8.0]])
    assert by_round(right, tried, np.zeros((3, 1))).mean() == pytest.approx(0.4)
    assert by_round(right, tried, np.full((3, 1), 10.0)).mean() == pytest.approx(4 / 30)
    assert by_round(np.zeros((3, 1)), np.zeros((3, 1)), np.zeros((3, 1))).mean() == 0


def test_too_few_doubles_or_columns_give_no_claim() -> None:
    rng = np.random.default_rng(4)
    patients = draw(30, rng)
    attack = ConfidentClaims.of(patients)
    assert attack.credit(patients.take(np.arange(2)), rng)[:, :6].sum() == 0
    alone = Vectors((Column("a", Kind.NUMERIC),), np.arange(20.0)[:, None])
    assert ConfidentClaims.of(alone).credit(alone, rng)[:, :6].sum() == 0
