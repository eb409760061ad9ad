import numpy as np
import pytest

from sosie.tables.aligned import Aligned, Pair
from sosie.tables.associations import associations, spearman
from sosie.tables.prediction import propensity, train_on_doubles
from sosie.tables.targets import suggested

K = 11


def numbers(name: str, original: np.ndarray, doubles: np.ndarray) -> Aligned:
    return Aligned(name, "numeric", Pair(original, doubles))


def levels(name: str, original: np.ndarray, doubles: np.ndarray, count: int = 2) -> Aligned:
    pair = Pair(original.astype(float), doubles.astype(float))
    return Aligned(name, "categorical", None, pair, tuple("abcdefgh"[:count]))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_doubles_that_lost_the_target_show_a_gap(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=400), rng.normal(size=400)
    faithful = [numbers("x", x, y), levels("ill", x > 0, y > 0)]
    lost = [numbers("x", x, y), levels("ill", x > 0, rng.permutation(y > 0))]
    kept, gone = (train_on_doubles(columns, "ill", rng, K) for columns in (faithful, lost))
    assert kept is not None
    assert gone is not None
    assert kept["gap"] < 0.05
    assert gone["gap"] > 0.2


def test_a_number_is_scored_by_r2(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=400), rng.normal(size=400)
    report = train_on_doubles([numbers("x", x, y), numbers("z", 2 * x, 2 * y)], "z", rng, K)
    assert report is not None
    assert report["metric"] == "r2"
    assert report["doubles"] > 0.9


def test_three_classes_are_scored_one_against_the_others(rng: np.random.Generator) -> None:
    x, y = rng.integers(0, 3, 300), rng.integers(0, 3, 300)
    report = train_on_doubles([numbers("x", x * 1.0, y * 1.0), levels("c", x, y, 3)], "c", rng, K)
    assert report is not None
    assert report["doubles"] == pytest.approx(1)


def test_a_class_that_the_doubles_lost_is_not_learned(rng: np.random.Generator) -> None:
    x = rng.integers(0, 2, 200)
    report = train_on_doubles([numbers("x", x * 1.0, x * 1.0), levels("c", x, np.zeros(200))], "c", rng, K)
    assert report is not None
    assert report["doubles"] == 0.5


def test_few_patients_are_not_modelled(rng: np.random.Generator) -> None:
    x = rng.normal(size=2 * K)
    columns = [numbers("x", x, x), levels("c", x > 0, x > 0)]
    assert train_on_doubles(columns, "c", rng, K) is None
    assert propensity(columns, rng, K) is None


def test_doubles_are_told_from_patients_only_when_they_differ(rng: np.random.Generator) -> None:
    x = rng.normal(size=500)
    assert propensity([numbers("x", x, rng.normal(size=500))], rng, K) == pytest.approx(0.5, abs=0.1)
    assert propensity([numbers("x", x, rng.normal(3, 1, size=400))], rng, K) == pytest.approx(1, abs=0.05)


def test_rank_correlations_agree_with_scipy(rng: np.random.Generator) -> None:
    from scipy.stats import spearmanr

    values = rng.normal(size=(200, 2)).round(1)
    values[:, 1] += values[:, 0]
    assert spearman(values)[0, 1] == pytest.approx(spearmanr(values[:, 0], values[:, 1]).statistic)
    values[::5, 1] = np.nan
    complete = values[~np.isnan(values[:, 1])]
    assert spearman(values)[0, 1] == pytest.approx(spearmanr(complete[:, 0], complete[:, 1]).statistic, abs=0.02)


def test_broken_pairs_of_each_kind_are_found(rng: np.random.Generator) -> None:
    x, c = rng.normal(size=500), rng.integers(0, 3, 500)
    together = [numbers("x", x, x), numbers("y", x, rng.permutation(x)), levels("c", c, c, 3)]
    together += [levels("d", c, rng.permutation(c), 3), numbers("z", c + x / 9, rng.permutation(c + x / 9))]
    found = associations(together, K)
    gap = {
        pair: found.similarity[found.names.index(pair[0]), found.names.index(pair[1])] for pair in ("xy", "cd", "cz")
    }
    assert gap["xy"] == pytest.approx(0.5, abs=0.1)
    assert gap["cd"] == pytest.approx(1 / 3, abs=0.1)
    assert gap["cz"] < 0.2


def test_without_survival_the_outcome_is_the_column_named_so(rng: np.random.Generator) -> None:
    x = rng.normal(size=100)
    columns = [numbers("x", x, x), levels("diagnosis", x > 0, x > 0), levels("sex", x > 1, x > 1)]
    assert suggested(columns).predictions == ("diagnosis",)
    assert suggested([*columns[::2], numbers("duree_suivi", x**2, x**2)]).predictions == ("sex",)
