import numpy as np
import pytest
from population import draw

from sosie.attack.classifier import out_of_fold
from sosie.attack.estimate import ignorance, over_trained
from sosie.attack.leave_out import Generate, lonely
from sosie.attack.shadow import Design, Shadow, placements, recognised, shadow
from sosie.cohort import Rows, Vectors
from sosie.engine import Engine

PATIENTS = draw(60, np.random.default_rng(0))


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small forests: what is tested here does not depend on their size."""
    monkeypatch.setattr("sosie.attack.classifier.FEWEST_TREES", 4)
    monkeypatch.setattr("sosie.attack.classifier.MOST_TREES", 4)


def copies(rows: Rows, rng: np.random.Generator) -> Vectors:
    return PATIENTS.take(rng.choice(rows, len(PATIENTS)))


def others(rows: Rows, rng: np.random.Generator) -> Vectors:
    return draw(len(PATIENTS), rng)


def attacked(generate: Generate, releases: int = 20, seed: int = 0, jobs: int = 1) -> Shadow:
    rng = np.random.default_rng(seed)
    return shadow(PATIENTS, generate, releases=releases, rng=rng, engine=Engine(jobs))


def test_copies_give_their_patients_away() -> None:
    found = attacked(lambda rows, rng: PATIENTS.take(np.resize(rows, len(PATIENTS))))
    assert found.isolated.value > 0.95
    assert found.random.value > 0.95
    assert found.tpr["isolated"][0.05] > 0.8


def test_releases_that_know_nobody_are_a_coin_toss() -> None:
    found = attacked(others, releases=40)
    for figure in (found.isolated, found.random):
        assert abs(figure.value - 0.5) < 0.25
        assert figure.upper_95 > figure.value


def test_the_same_stream_gives_the_same_figures_on_any_number_of_threads() -> None:
    first, second = attacked(copies, 20, seed=3), attacked(copies, 20, seed=3, jobs=2)
    assert np.array_equal(first.scores, second.scores)
    assert first.exposed == second.exposed


@pytest.mark.parametrize(
    ("patients", "together", "targets"), [(60, 1, 10), (450, 2, 10), (1000, 5, 10), (2400, 12, 24)]
)
def test_each_target_is_out_once_a_round_and_every_release_lacks_as_many(
    patients: int, together: int, targets: int
) -> None:
    design = Design.of(draw(patients, np.random.default_rng(1)), 50, np.random.default_rng(2))
    assert design.out.shape[-1] == targets
    assert (design.out.sum(axis=1) == 1).all()
    assert (design.out.sum(axis=2) == together).all()
    assert together <= max(1, patients / 200)
    assert len(set(design.rows)) == targets


def test_the_first_targets_are_the_most_isolated() -> None:
    patients, rng = draw(300, np.random.default_rng(1)), np.random.default_rng(2)
    design = Design.of(patients, 20, rng)
    _, isolation = lonely(patients, rng)
    assert isolation[design.rows[design.isolated]].min() >= np.sort(isolation)[-5]


def test_a_release_is_made_of_everybody_but_the_targets_that_are_out() -> None:
    seen: list[Rows] = []

    def generate(rows: Rows, rng: np.random.Generator) -> Vectors:
        seen.append(rows)
        return others(rows, rng)

    found = attacked(generate, 20)
    away = [set(found.design.rows[out]) for out in found.design.out.reshape(-1, 10)]
    assert [set(range(60)) - set(rows) for rows in seen] == away


def test_the_parts_of_a_round_add_up_to_the_area() -> None:
    rng = np.random.default_rng(5)
    scores, out = rng.normal(size=(40, 1)), np.tile([[True], [False]], (20, 1))
    found = placements(scores, out, np.zeros(40, dtype=np.int64)).reshape(20, 2).sum(axis=1)
    inside, outside = scores[~out], scores[out]
    assert found.mean() == pytest.approx((inside[:, None] > outside).mean())


def test_the_bound_holds_as_often_as_it_says_where_nothing_can_be_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.attack.classifier._forest", lambda train, out, test, seed: np.zeros(len(test)))
    rng, held = np.random.default_rng(6), 0
    out = np.tile([[True], [False]], (12, 1))
    fold = np.repeat(np.arange(12) % 3, 2)
    for _ in range(150):
        noise = rng.normal(size=(24, 1, 5))
        scores = out_of_fold(noise, out, fold, np.zeros(1, dtype=np.int64), rng, engine=Engine(1))
        placed = placements(scores, out, fold).reshape(12, 2).sum(axis=1)
        held += over_trained(placed).upper_95 >= 0.5
    assert held / 150 > 0.9


def test_a_few_rounds_that_agree_by_chance_show_little() -> None:
    out = np.zeros((4, 10, 5), dtype=bool)
    out[:, 0] = True
    agreed = over_trained(np.full(4, 0.5), least=ignorance(out))
    assert agreed.upper_95 > 0.7
    assert over_trained(np.full(100, 0.5), least=ignorance(np.tile(out, (25, 1, 1)))).upper_95 < 0.54


def test_the_exposed_are_the_best_recognised_under_numbers_of_their_own() -> None:
    found = attacked(copies, 20)
    areas = [one.auc for one in found.exposed]
    assert areas == sorted(areas, reverse=True)
    assert {one.row for one in found.exposed} == set(found.design.rows)
    assert [one.number for one in found.exposed] != [one.row for one in found.exposed]


def test_few_false_positives_leave_few_true_ones() -> None:
    rng = np.random.default_rng(7)
    scores, out = rng.normal(size=4000), rng.random(4000) < 0.5
    assert abs(recognised(scores, out, 0.05) - 0.05) < 0.02


def test_two_rounds_are_the_least() -> None:
    found = attacked(others, releases=1)
    assert found.design.rounds == 2
    assert np.isfinite(found.isolated.upper_95)
