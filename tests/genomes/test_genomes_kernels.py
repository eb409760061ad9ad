import itertools

import numpy as np

from sosie.genomes.attacks.segments import longest
from sosie.genomes.decode import kernels
from sosie.genomes.encode.rarity import carriers
from tests.genomes import generated


def sorted_slowly(lines: np.ndarray, until: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the order of haplotypes by reversed alleles before a site, and since when each shares the one before."""
    order = np.array(sorted(range(lines.shape[1]), key=lambda h: (tuple(lines[:until, h][::-1]), h)))
    since = [until]
    for one, other in itertools.pairwise(order):
        apart = np.flatnonzero(lines[:until, one] != lines[:until, other])
        since.append(int(apart[-1]) + 1 if len(apart) else 0)
    return order, np.array(since)


def walked(lines: np.ndarray, least: int, doubles: int = 40, seed: int = 1) -> tuple[np.ndarray, ...]:
    sites, n = lines.shape
    order, since = np.arange(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
    low, high = np.zeros(doubles, dtype=np.int32), np.full(doubles, n, dtype=np.int32)
    none = np.full(sites, -1, dtype=np.int32)
    out = np.empty((sites, doubles), dtype=np.uint8)
    kernels.walk(
        lines, False, np.arange(n), order, since, low, high, np.full(doubles, least, dtype=np.int32), 0,
        np.zeros(sites), 1.0, 100, np.uint64(1), 0.0, none, np.zeros((0, 1), dtype=np.uint8),
        np.zeros((0, doubles), dtype=np.int8), none, np.array([seed], dtype=np.uint64), out,
    )  # fmt: skip
    return out, order, since, low, high


def test_donors_are_sorted_by_their_recent_alleles() -> None:
    lines = generated.alleles(20, 60, np.random.default_rng(0))
    _, order, since, _, _ = walked(lines, 4)
    slow = sorted_slowly(lines, 60)
    assert (order == slow[0]).all()
    assert (since[1:] == slow[1][1:]).all()


def test_the_interval_of_a_double_holds_those_who_share_its_longest_context() -> None:
    lines = generated.alleles(20, 60, np.random.default_rng(0))
    out, order, _, low, high = walked(lines, 6)
    for double in range(out.shape[1]):
        shared = np.array([_matched(out[:, double], lines[:, donor]) for donor in order[low[double] : high[double]]])
        others = np.delete(order, np.arange(low[double], high[double]))
        assert high[double] - low[double] >= 6
        assert shared.min() >= max((_matched(out[:, double], lines[:, donor]) for donor in others), default=0)


def test_every_allele_follows_a_context_of_enough_donors() -> None:
    lines = generated.alleles(20, 60, np.random.default_rng(0))
    out, *_ = walked(lines, 10)
    for site in range(1, 60):
        for double in range(10):
            same = lines[site - 1] == out[site - 1, double]
            assert same.sum() < 10 or (lines[site, same] == out[site, double]).any()


def test_the_longest_shared_stretch_is_that_of_a_slow_search() -> None:
    rng = np.random.default_rng(1)
    lines = generated.alleles(12, 80, rng)
    contig = np.repeat([0, 1], 40).astype(np.int16)
    found = longest(lines[:, :10], lines[:, 10:], contig)
    assert found.tolist() == [max(_stretch(lines[:, i], lines[:, j], contig) for j in range(10, 24)) for i in range(10)]


def test_carriers_are_counted() -> None:
    part = generated.cohort(people=30, sites=40)
    doses = generated.doses(part)
    assert (carriers(part) == np.column_stack([(doses < 2).sum(axis=0), (doses > 0).sum(axis=0)])).all()


def _matched(one: np.ndarray, other: np.ndarray) -> int:
    apart = np.flatnonzero(one != other)
    return len(one) - 1 - int(apart[-1]) if len(apart) else len(one)


def _stretch(one: np.ndarray, other: np.ndarray, contig: np.ndarray) -> int:
    longest_, run = 0, 0
    for site in range(len(one)):
        run = 0 if site and contig[site] != contig[site - 1] else run
        run = run + 1 if one[site] == other[site] else 0
        longest_ = max(longest_, run)
    return longest_
