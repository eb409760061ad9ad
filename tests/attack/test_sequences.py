import numpy as np
import pytest

from sosie.attack import leave_out
from sosie.attack.sequences import KnownSequences
from sosie.attack.suite import suite
from sosie.cohort import Column, Kind, Rows, Vectors
from sosie.evidence import CriterionId

RNG = np.random.default_rng


def stories(patients: int, seed: int) -> Vectors:
    rng = RNG(seed)
    known, gaps = ("events",), ("gaps", "events")
    columns = [Column("first", Kind.NUMERIC, sequence=known)]
    values = [rng.integers(15_000, 16_000, patients).astype(float)]
    for step in range(4):
        columns += [Column(f"code {step}", Kind.CATEGORICAL, 5, sequence=known)]
        columns += [Column(f"gap {step}", Kind.NUMERIC, sequence=gaps)]
        values += [rng.integers(0, 5, patients).astype(float), rng.integers(1, 300, patients).astype(float)]
    return Vectors(tuple(columns), np.column_stack(values))


def success(patients: Vectors, release: Vectors) -> float:
    attack = KnownSequences.of(patients)
    return float(attack.credit(release, RNG(0)).mean(axis=0).max())


def shifted(patients: Vectors) -> Vectors:
    values = patients.values.copy()
    values[:, 0] += RNG(5).integers(1, 400, len(patients))
    return Vectors(patients.columns, values)


def test_a_copy_singles_everybody_out() -> None:
    patients = stories(200, 1)
    assert success(patients, patients) > 0.95


def test_moving_the_dates_of_each_patient_hides_nobody() -> None:
    patients = stories(200, 1)
    assert success(patients, shifted(patients)) > 0.95


def test_strangers_single_out_hardly_anybody() -> None:
    patients, strangers = stories(200, 1), stories(200, 2)
    attack = KnownSequences.of(patients)
    rates = dict(zip(attack.details["scenarios"], attack.credit(strangers, RNG(0)).mean(axis=0), strict=True))  # type: ignore[call-overload]
    assert rates["gaps: 2, day"] < 0.02
    assert rates["events: 2, day"] < 0.02


def test_two_doubles_that_begin_alike_point_to_nobody() -> None:
    patients = stories(200, 1)
    twice = patients.take(np.repeat(np.arange(200), 2))
    assert success(patients, twice) == 0.0


def test_a_sequence_that_is_too_short_is_not_attacked() -> None:
    patients = stories(50, 1)
    values = patients.values.copy()
    values[:, 1:] = np.nan
    short = Vectors(patients.columns, values)
    attack = KnownSequences.of(short)
    longer = [at for at, title in enumerate(attack.details["scenarios"]) if "gaps" in str(title)]  # type: ignore[arg-type, var-annotated]
    assert not attack.credit(short, RNG(0))[:, longer].any()


def test_cohorts_without_sequences_are_spared_it() -> None:
    plain = Vectors((Column("a", Kind.NUMERIC), Column("b", Kind.NUMERIC)), RNG(0).normal(size=(60, 2)))
    assert CriterionId.SINGLING_OUT_SEQUENCES not in [attack.id for attack in suite(plain, RNG(0))]


@pytest.mark.parametrize(("copies", "found"), [(True, True), (False, False)])
def test_only_those_who_are_in_the_release_are_singled_out(copies: bool, found: bool) -> None:
    patients = stories(100, 1)

    def generate(rows: Rows, rng: np.random.Generator) -> Vectors:
        return patients.take(rows) if copies else stories(len(rows), int(rng.integers(1 << 30)))

    replicates = leave_out.replicate(patients, generate, rounds=6, rng=RNG(0))
    judged = {one.id: one for one in leave_out.excess(replicates)}[CriterionId.SINGLING_OUT_SEQUENCES]
    assert (judged.figure.value > 0.5) is found
    assert found or judged.figure.upper_95 < 0.09
