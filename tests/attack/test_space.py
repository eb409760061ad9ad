import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from population import draw

from sosie.attack.space import Space, isolation, nearest
from sosie.cohort import Column, Kind, Vectors


def one(kind: Kind, values: list[float], levels: int = 0) -> Vectors:
    return Vectors((Column("x", kind, levels),), np.array(values, dtype=float)[:, None])


def test_two_levels_are_at_distance_one_and_an_unseen_level_is_too() -> None:
    seen = one(Kind.CATEGORICAL, [0, 1, 2, np.nan], 5)
    points = Space.of(seen).embed(one(Kind.CATEGORICAL, [0, 1, 2, np.nan, 4], 5)).astype(float)
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.testing.assert_allclose(gaps[~np.eye(5, dtype=bool)], 1, atol=1e-6)


def test_thousands_of_levels_stay_about_equally_far_apart() -> None:
    codes = one(Kind.CATEGORICAL, list(range(3000)), 3000)
    points = Space.of(codes).embed(codes)
    distances, rows = nearest(points[:50], points, 2)
    assert points.shape[1] <= 64
    assert (rows[:, 0] == np.arange(50)).all()
    assert (distances[:, 1] > 0.6).all()


def test_an_outlier_stays_the_farthest_without_drowning_the_rest() -> None:
    numbers = one(Kind.NUMERIC, [*np.linspace(-1, 1, 99), 1e6])
    points = Space.of(numbers).embed(numbers)[:, 0]
    assert points.argmax() == 99
    assert points[99] < 50


def test_constant_and_empty_columns_take_no_place() -> None:
    values = np.column_stack([np.ones(5), np.full(5, np.nan), np.arange(5.0)])
    space = Space.of(Vectors(tuple(Column(name, Kind.NUMERIC) for name in "abc"), values))
    assert space.names == ("c",)


def test_variance_balance_gives_each_column_unit_variance() -> None:
    patients = draw(500, np.random.default_rng(0))
    patients = Vectors(patients.columns[1:], patients.values[:, 1:])  # the first has an indicator beside it
    space = Space.of(patients, balance="variance")
    spread = space.embed(patients).var(axis=0)
    totals = [spread[axis.first : axis.last].sum() for axis in space.axes]
    np.testing.assert_allclose(totals, 1, rtol=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=20))
def test_any_number_is_embedded_finitely(values: list[float]) -> None:
    numbers = one(Kind.NUMERIC, values)
    assert np.isfinite(Space.of(numbers).embed(numbers)).all()


def test_nearest_agrees_with_all_the_distances() -> None:
    rng = np.random.default_rng(1)
    queries, points = (rng.normal(size=(n, 7)).astype(np.float32) for n in (300, 9000))
    points[17] = queries[5]
    distances, rows = nearest(queries, points, 3)
    every = np.linalg.norm(queries[:, None].astype(float) - points[None], axis=2)
    np.testing.assert_array_equal(rows, np.argsort(every, axis=1)[:, :3])
    assert distances[5, 0] == 0


def test_fewer_points_than_asked_are_filled_with_infinity() -> None:
    distances, rows = nearest(np.zeros((2, 3), np.float32), np.ones((1, 3), np.float32), 2)
    assert np.isinf(distances[:, 1]).all()
    assert (rows[:, 1] == -1).all()


def test_isolation_leaves_the_patient_itself_out_even_among_its_copies() -> None:
    points = np.zeros((30, 2), np.float32)
    points[0] = 3
    lonely = isolation(points, neighbours=2)
    assert lonely[0] > 4
    assert (lonely[1:] == 0).all()


def test_no_modality_drowns_another_by_its_number_of_columns() -> None:
    rng = np.random.default_rng(0)
    columns = tuple(Column(f"c{at}", Kind.NUMERIC, block="genomes" if at else "tables") for at in range(41))
    points = Space.of(Vectors(columns, rng.normal(size=(200, 41)))).embed(Vectors(columns, rng.normal(size=(200, 41))))
    spread = points.var(axis=0)
    assert 0.5 < spread[0] / spread[1:].sum() < 2.0
