import numpy as np

from sosie.attack.epsilon import empirical_epsilon


def responses(epsilon: float, trials: int, seed: int, targets: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Randomised response: the truth with probability exp(epsilon) / (1 + exp(epsilon))."""
    rng = np.random.default_rng(seed)
    out = rng.random((trials, targets)) < 0.5
    honest = rng.random((trials, targets)) < np.exp(epsilon) / (1.0 + np.exp(epsilon))
    return np.where(honest, ~out, out).astype(float), out


def test_many_trials_prove_nearly_all_of_the_epsilon_of_randomised_response() -> None:
    bound = empirical_epsilon(*responses(1.0, 40_000, 0), delta=0.0)
    assert 0.9 < bound.lower <= 1.0


def test_the_bound_is_seldom_above_the_truth() -> None:
    above = [empirical_epsilon(*responses(0.5, 300, seed, targets=3), delta=0.0).lower > 0.5 for seed in range(100)]
    assert np.mean(above) <= 0.08


def test_scores_that_know_nothing_prove_nothing() -> None:
    rng = np.random.default_rng(1)
    assert empirical_epsilon(rng.normal(size=400), rng.random(400) < 0.5, delta=0.0).lower < 0.2


def test_a_leak_proves_a_large_epsilon() -> None:
    out = np.arange(1000) % 2 == 0
    bound = empirical_epsilon(np.where(out, 0.0, 1.0), out, delta=1e-3)
    assert bound.lower > 3.5
    assert (bound.accepted, bound.mistaken) == (1.0, 0.0)


def test_the_one_target_that_leaks_is_found() -> None:
    scores, out = responses(0.0, 400, 2, targets=5)
    scores[:, 3] = ~out[:, 3]
    bound = empirical_epsilon(scores, out, delta=0.0)
    assert bound.target == 3
    assert bound.lower > 2.0


def test_what_only_absence_shows_counts_too() -> None:
    rng = np.random.default_rng(3)
    out = np.arange(2000) % 2 == 0
    scores = np.where(out & (rng.random(2000) < 0.3), 0.0, 1.0)
    assert empirical_epsilon(scores, out, delta=0.0).lower > 2.5


def test_delta_excuses_what_is_rare() -> None:
    out = np.arange(2000) % 2 == 0
    scores = np.where(out, 0.0, 1.0) * (np.random.default_rng(4).random(2000) < 0.05)
    assert empirical_epsilon(scores, out, delta=0.0).lower > 1.0
    assert empirical_epsilon(scores, out, delta=0.1).lower == 0.0


def test_two_releases_prove_nothing() -> None:
    assert empirical_epsilon(np.array([0.0, 1.0]), np.array([True, False]), delta=0.0).lower == 0.0
