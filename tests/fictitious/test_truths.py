import numpy as np
import polars as pl
import pytest

from sosie.fictitious.cohort import MODALITIES, build
from sosie.fictitious.gather import gather
from sosie.fictitious.truths import truths
from sosie.manifest import load


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = build(tmp_path_factory.mktemp("cohort"), 120, np.random.default_rng(3), MODALITIES)
    return gather(folder, load(folder / "sosie.yaml").genomes.variants)


def test_every_modality_tells_the_same_sex(rows: pl.DataFrame) -> None:
    for name in ("timeline_woman", "letter_woman", "film_woman"):
        assert (rows[name] == rows["woman"]).all()


def test_letters_quote_the_laboratory(rows: pl.DataFrame) -> None:
    assert (rows["letter_haemoglobin"] == rows["haemoglobin"]).all()


def test_nearly_all_planted_associations_are_in_the_cohort_itself(rows: pl.DataFrame) -> None:
    found = truths(rows)
    assert sum(one.recovered for one in found) >= 0.8 * len(found)


def test_shuffled_modalities_lose_what_joins_them(rows: pl.DataFrame) -> None:
    mixed = rows.with_columns(pl.col("haemoglobin", "lung", "heart", "dosage1").shuffle(seed=1))
    lost = {one.name for one in truths(mixed, rows) if not one.recovered}
    assert {"haemoglobin quoted in letters", "opacity told in letters", "large heart of heart failure"} <= lost
