import numpy as np

from sosie.attack.proximity import Proximity
from sosie.genomes.compare import compare
from sosie.genomes.observe import view
from sosie.manifest import Manifest
from tests.genomes import generated


def test_the_view_of_doubles_has_the_columns_of_the_patients() -> None:
    part = generated.cohort()
    look = view(part, Manifest())
    assert look(part).columns == look(generated.cohort(people=30, seed=1)).columns


def test_patients_without_a_genome_are_seen_to_lack_it() -> None:
    part = generated.cohort(people=40).take(np.array([0, -1, 2]))
    seen = view(part, Manifest())(part).values
    assert seen[:, 0].tolist() == [1.0, 0.0, 1.0]
    assert np.isnan(seen[1, 1:]).all()


def test_the_view_shows_a_copied_genome() -> None:
    whole = generated.cohort(people=120)
    members, others = whole.take(np.arange(60)), whole.take(np.arange(60, 120))
    look = view(whole, Manifest())
    scores = Proximity.of(look(whole)).score(look(members), np.random.default_rng(0))
    assert len(others.keys) == 60
    assert scores[:60, 0].min() > scores[60:, 0].max()


def test_a_cohort_is_like_itself() -> None:
    part = generated.cohort()
    told = compare(part, part, Manifest(), np.random.default_rng(0))
    assert told["frequencies"]["r"] == 1.0
    assert told["linkage"]["pair_r"] == 1.0
    assert abs(told["structure"]["frechet"]) < 1e-6  # type: ignore[index]


def test_too_few_patients_are_only_counted() -> None:
    part = generated.cohort(people=15, sites=40)
    assert set(compare(part, part, Manifest(), np.random.default_rng(0))) == {"patients", "variants", "phased"}


def test_the_plot_of_the_structure_shows_cells_of_enough_people() -> None:
    part = generated.cohort()
    told = compare(part, part, Manifest(), np.random.default_rng(0))
    cells = told["structure"]["grid"]["original"]  # type: ignore[index]
    assert cells
    assert min(count for _, _, count in cells) >= Manifest().k
