import numpy as np
import pytest

from sosie.genomes.attacks import adversarial, kinship, likelihood, nearest, segments
from tests.genomes import generated

PEOPLE = 60


@pytest.fixture(scope="module")
def lines() -> list[np.ndarray]:
    """Members, others, a reference and doubles that know nobody: four crowds of one population."""
    whole = generated.alleles(4 * PEOPLE, 400, np.random.default_rng(0))
    return [whole[:, 2 * PEOPLE * at : 2 * PEOPLE * (at + 1)] for at in range(4)]


def doses(alleles: np.ndarray) -> np.ndarray:
    return (alleles[:, ::2] + alleles[:, 1::2]).T


def mosaics(members: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(1)
    pieces = np.repeat(rng.integers(members.shape[1], size=(10, members.shape[1])), len(members) // 10, axis=0)
    return np.take_along_axis(members, pieces, axis=1)


def test_copies_are_found_by_the_nearest_double(lines: list[np.ndarray]) -> None:
    assert min(nearest.membership(lines[0], lines[1], lines[0]).values()) == 1.0


def test_mosaics_are_found_by_the_nearest_double(lines: list[np.ndarray]) -> None:
    assert max(nearest.membership(lines[0], lines[1], mosaics(lines[0])).values()) > 0.65


def test_strangers_are_not_found_by_the_nearest_double(lines: list[np.ndarray]) -> None:
    assert max(nearest.membership(lines[0], lines[1], lines[3]).values()) < 0.62


def test_distances_are_alleles_apart() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.integers(3, size=(5, 20)).astype(np.uint8), rng.integers(3, size=(7, 20)).astype(np.uint8)
    slow = [min(np.abs(a.astype(int) - b.astype(int)).sum() for b in other) for a in one]
    assert nearest.distances(one, other).tolist() == slow


def test_exact_frequencies_are_found_by_likelihood(lines: list[np.ndarray]) -> None:
    found = likelihood.membership(*(doses(lines[at]) for at in (0, 1, 0, 2)))
    assert found["plain"] > 0.75
    assert found["matched"] > 0.75


def test_strangers_are_not_found_by_likelihood(lines: list[np.ndarray]) -> None:
    found = likelihood.membership(*(doses(lines[at]) for at in (0, 1, 3, 2)))
    assert max(found.values()) < 0.62


def test_copies_share_whole_genomes(lines: list[np.ndarray]) -> None:
    contig = np.zeros(400, dtype=np.int16)
    copied = segments.membership(lines[0], lines[1], lines[0], contig)
    free = segments.membership(lines[0], lines[1], lines[3], contig)
    assert copied["auc"] == 1.0
    assert copied["members"] == 400
    assert free["auc"] < 0.62


def test_a_copy_is_kin_of_a_half_and_a_child_of_a_quarter(lines: list[np.ndarray]) -> None:
    child = np.column_stack([lines[0][:, 0], lines[1][:, 0]])
    both = doses(np.hstack([lines[0][:, :2], child]))
    found = kinship.closest(both, doses(lines[0]))
    assert found[0] == 0.5
    assert 0.1 < found[1] < 0.4


def test_strangers_are_no_kin(lines: list[np.ndarray]) -> None:
    found = kinship.against_unrelated(*(doses(lines[at]) for at in (3, 0, 1)))
    assert found["beyond"] < 0.2


def test_copies_look_too_near_to_their_patients(lines: list[np.ndarray]) -> None:
    rng = np.random.default_rng(3)
    copied = adversarial.privacy_loss(doses(lines[0]), doses(lines[1]), doses(lines[0]), rng)
    free = adversarial.privacy_loss(doses(lines[0]), doses(lines[1]), doses(lines[3]), rng)
    assert copied["train"] == 0.0
    assert copied["loss"] > 0.3
    assert 0.4 < free["train"] < 0.6
    assert abs(free["loss"]) < 0.12
