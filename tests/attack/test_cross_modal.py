from dataclasses import replace

import numpy as np
from population import centred, draw, gain, halves, null_gains

from sosie.attack.cross_modal import CrossModal
from sosie.attack.suite import suite
from sosie.cohort import Vectors
from sosie.evidence import CriterionId

ROOMS = ("tables", "images", "genomes")


def joined(vectors: Vectors) -> Vectors:
    columns = tuple(replace(column, block=ROOMS[at % 3]) for at, column in enumerate(vectors.columns))
    return replace(vectors, columns=columns)


def test_a_copy_of_half_of_the_patients_links_their_modalities() -> None:
    rng = np.random.default_rng(0)
    patients = joined(draw(300, rng))
    release, inside = halves(patients, rng)
    attack = CrossModal.of(patients)
    assert gain(attack, attack.credit(release, rng)[:, -1], inside) > 0.5


def test_an_independent_release_links_nobody_above_the_baseline() -> None:
    rng = np.random.default_rng(1)
    assert centred(null_gains(CrossModal.of(joined(draw(200, rng))), rng))


def test_doubles_that_shuffle_one_modality_link_less_than_copies() -> None:
    rng = np.random.default_rng(2)
    patients = joined(draw(300, rng))
    attack = CrossModal.of(patients)
    mixed = patients.values.copy()
    theirs = [at for at, column in enumerate(patients.columns) if column.block == "genomes"]
    mixed[:, theirs] = mixed[rng.permutation(len(mixed))][:, theirs]
    at = attack.names.index(("images", "genomes"))
    copied = attack.credit(patients, rng)[:, at].mean()
    assert attack.credit(replace(patients, values=mixed), rng)[:, at].mean() < 0.3 * copied


def test_it_is_run_where_there_are_two_modalities_and_not_where_there_is_one() -> None:
    rng = np.random.default_rng(3)
    plain = draw(60, rng)
    assert CriterionId.CROSS_MODAL not in [attack.id for attack in suite(plain, rng)]
    assert CriterionId.CROSS_MODAL in [attack.id for attack in suite(joined(plain), rng)]
