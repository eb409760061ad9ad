from pathlib import Path

import numpy as np
import pytest

from sosie.fictitious.cohort import MODALITIES, build
from sosie.fictitious.leftovers import leftovers


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("cohort"), 25, np.random.default_rng(3), MODALITIES)


def test_the_cohort_itself_is_full_of_identifiers(cohort: Path) -> None:
    assert min(leftovers(cohort, cohort).values()) >= 25


def test_another_cohort_holds_none_of_them(cohort: Path, tmp_path: Path) -> None:
    other = build(tmp_path, 25, np.random.default_rng(4), MODALITIES)
    found = leftovers(cohort, other)
    assert found["nir"] == 0
    assert found["number"] <= 2  # numbers of six digits meet by chance
