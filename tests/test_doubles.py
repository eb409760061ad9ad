from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from sosie.cohort import Cohort, Column, Kind, Mask, Part, Rows, Vectors
from sosie.doubles import Fitted
from sosie.errors import SosieError

COLUMNS = (Column("x", Kind.NUMERIC),)


@dataclass(frozen=True)
class Line:
    """A modality of one number a patient."""

    keys: Sequence[str]
    values: np.ndarray

    def take(self, rows: Rows) -> "Line":
        return Line([self.keys[row] for row in rows], self.values[rows])


@dataclass
class Positive:
    """Its only rule is that the number is positive; ``moody`` breaks it in one double of ten when it decodes again."""

    moody: bool = False
    frozen: str | None = None

    def encode(self, part: Part) -> Vectors:
        raise NotImplementedError

    def decode(self, block: Vectors, doubles: Cohort, rng: np.random.Generator) -> Line:
        values = block.values[:, 0].copy()
        if self.moody:
            values[rng.random(len(values)) < 0.1] *= -1
        return Line(doubles.keys, values)

    def valid(self, part: Part) -> Mask:
        assert isinstance(part, Line)
        return np.asarray(part.values > 0)


@dataclass(frozen=True)
class Normal:
    """Draws numbers of which a share is positive."""

    positive: float = 0.5

    def sample(self, n: int, rng: np.random.Generator) -> Vectors:
        signs = np.where(rng.random(n) < self.positive, 1.0, -1.0)
        return Vectors(COLUMNS, (signs * rng.uniform(1, 2, n))[:, None])


def drawn(n: int, share: float = 0.5, moody: bool = False) -> Line:
    fitted = Fitted({"line": Positive(moody)}, {"line": 1}, Normal(share))
    part = fitted.draw(n, np.random.default_rng(0)).parts["line"]
    assert isinstance(part, Line)
    return part


@pytest.mark.parametrize("share", [1.0, 0.5, 0.03])
@pytest.mark.parametrize("n", [0, 1, 300])
def test_as_many_doubles_as_asked_for_and_all_obey(n: int, share: float) -> None:
    made = drawn(n, share)
    assert len(made.values) == n
    assert (made.values > 0).all()


def test_rules_that_no_double_obeys_are_said_to_contradict_each_other() -> None:
    with pytest.raises(SosieError, match="declare fewer rules"):
        drawn(10, 0.0)


def test_what_a_codec_breaks_when_it_draws_again_is_replaced() -> None:
    made = drawn(300, moody=True)
    assert len(made.values) == 300
    assert (made.values > 0).all()


def test_doubles_are_numbered() -> None:
    assert drawn(12).keys == tuple(map(str, range(1, 13)))
