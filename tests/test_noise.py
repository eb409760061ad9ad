from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

from sosie.budget import rho_of
from sosie.errors import ManifestError
from sosie.noise import Fast, Noise, OpenDP

DRAWS = 200_000


def sources() -> list[Noise]:
    return [Fast(np.random.default_rng(0)), OpenDP()]


def test_noise_has_the_spread_that_was_asked_for() -> None:
    for noise in sources():
        drawn = noise.gaussian(np.full(5_000, 40), 7.0)

        assert drawn.dtype == np.int64
        assert drawn.mean() == pytest.approx(40, abs=0.5)
        assert drawn.std() == pytest.approx(7.0, rel=0.05)


def test_counting_noise_has_the_spread_that_was_asked_for() -> None:
    for noise in sources():
        drawn = np.array([noise.laplace(100, 5.0) for _ in range(1_000)])

        assert drawn.mean() == pytest.approx(100, abs=1.0)
        assert drawn.std() == pytest.approx(5.0 * np.sqrt(2), rel=0.15)


def test_the_highest_score_is_chosen_oftener_the_less_noise_there_is() -> None:
    scores = np.array([0.0, 10.0, 5.0])
    for noise in sources():
        sure = sum(noise.choose(scores, 0.5) == 1 for _ in range(100))
        torn = sum(noise.choose(scores, 100.0) == 1 for _ in range(100))

        assert sure >= 99
        assert torn < 70


@pytest.mark.parametrize("epsilon", [0.5, 2.0])
def test_neighbours_give_outputs_whose_likelihoods_differ_by_no_more_than_epsilon(epsilon: float) -> None:
    delta = 0.01
    sigma = np.sqrt(1 / (2 * rho_of(epsilon, delta)))
    noise = Fast(np.random.default_rng(1))

    without, with_one = (noise.gaussian(np.full(DRAWS, count), float(sigma)) for count in (20, 21))

    low, high = min(without.min(), with_one.min()), max(without.max(), with_one.max())
    shares = [np.bincount(drawn - low, minlength=high - low + 1) / DRAWS for drawn in (without, with_one)]
    for first, second in (shares, shares[::-1]):
        assert np.maximum(first - np.exp(epsilon) * second, 0.0).sum() <= delta + 0.005


def test_without_opendp_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def absent(name: str, *given: Any, **named: Any) -> Any:
        if name.startswith("opendp"):
            raise ImportError(name)
        return found(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ManifestError, match=r"pip install 'sosie\[dp\]'"):
        OpenDP()
