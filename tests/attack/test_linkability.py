import numpy as np
from population import centred, draw, gain, halves, null_gains

from sosie.attack.linkability import SplitColumns
from sosie.cohort import Column, Kind, Vectors


def test_a_copy_of_half_of_the_patients_links_them() -> None:
    rng = np.random.default_rng(0)
    patients = draw(300, rng)
    release, inside = halves(patients, rng)
    attack = SplitColumns.of(patients, rng)
    assert gain(attack, attack.credit(release, rng), inside) > 0.8


def test_an_independent_release_links_nobody_above_the_baseline() -> None:
    rng = np.random.default_rng(1)
    assert centred(null_gains(SplitColumns.of(draw(200, rng), rng), rng))


def test_halves_share_no_column_and_leave_none_out() -> None:
    patients = draw(50, np.random.default_rng(2))
    attack = SplitColumns.of(patients, np.random.default_rng(3), splits=4)
    for left, right in attack.splits:
        assert sorted([*left.axes, *right.axes]) == list(range(8))


def test_a_wider_net_links_at_least_as_many() -> None:
    rng = np.random.default_rng(4)
    patients, release = draw(100, rng), draw(100, rng)
    rates = [
        SplitColumns.of(patients, np.random.default_rng(5), within=within)
        .credit(release, np.random.default_rng(6))
        .mean()
        for within in (1, 5)
    ]
    assert rates[0] <= rates[1]


def test_one_column_cannot_be_split() -> None:
    patients = Vectors((Column("x", Kind.NUMERIC),), np.arange(20.0)[:, None])
    attack = SplitColumns.of(patients, np.random.default_rng(0))
    assert (attack.credit(patients, np.random.default_rng(0)) == 0).all()
