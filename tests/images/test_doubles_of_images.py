from pathlib import Path

import numpy as np
import pytest

from sosie import doubles
from sosie.cohort import Cohort
from sosie.errors import UnreadableError
from sosie.evidence import Decision, Verdict
from sosie.images.decode.files import Person, write
from sosie.images.encode.cosine import Cosine
from sosie.images.modality import Images
from sosie.images.pictures import Pictures
from sosie.images.synthetic import Maker
from sosie.manifest import Manifest
from sosie.release import account
from sosie.report.images import read
from sosie.report.words import words
from sosie.synthesis.mixture import Mixture
from tests.images.pictured import pictures

RNG = np.random.default_rng


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    some = pictures(40, RNG(0))
    write(some, [Person(f"patient{number}") for number in range(40)], tmp_path / "in", "png", RNG(1))
    (tmp_path / "in" / "images" / "patient1" / "broken.png").write_bytes(b"\x89PNG, but no more")
    return tmp_path / "in"


def test_as_many_doubles_as_asked_for_have_pictures() -> None:
    made = Maker(Cosine(5), Mixture(deflection=0.3)).make(pictures(40, RNG(0)), RNG(1), doubles=25)
    assert made.patients == 25
    assert set(made.patient) == set(range(25))


def test_a_folder_is_read_by_patient_and_class(folder: Path) -> None:
    part = Images().read(folder, Manifest())
    assert len(part.keys) == 40
    assert part.pictures.labels == ("first", "second")
    assert "could not be read" in part.notices[0]


def test_doubles_are_compared_and_shown_without_a_patient(folder: Path) -> None:
    modality, manifest = Images(), Manifest()
    part = modality.read(folder, manifest)
    cohort = Cohort.of({"images": part})
    made = doubles.fit(cohort, {"images": modality}, manifest, Mixture(), RNG(0)).draw(30, RNG(1))
    found = modality.compare(part, made.parts["images"], manifest, RNG(2))  # type: ignore[arg-type]
    assert found["task"]["doubles"] > 0.8  # type: ignore[index]
    assert found["classes"]["first"]["mean_correlation"] > 0.8  # type: ignore[index]
    assert found["page"]["kind"] == "means"  # type: ignore[index]
    assert read(found, words("fr")).page is not None  # type: ignore[union-attr]


def test_doubles_that_were_refused_are_not_shown() -> None:
    measured = {"images": {"page": {"doubles": "x"}, "k": 11}}
    refused = Verdict(decision=Decision.REFUSED, criteria=[])
    assert account.shown(measured, refused) == {"images": {"k": 11}}


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    assert not Images().recognises(tmp_path / "b")
    with pytest.raises(UnreadableError, match="no image"):
        Images().read(tmp_path, Manifest())


def test_doubles_of_a_folder_are_drawn_and_written(folder: Path, tmp_path: Path) -> None:
    modality, manifest = Images(), Manifest()
    cohort = Cohort.of({"images": modality.read(folder, manifest)})
    made = doubles.fit(cohort, {"images": modality}, manifest, Mixture(), RNG(0)).draw(20, RNG(1))
    modality.write(made.parts["images"], tmp_path / "out")  # type: ignore[arg-type]
    again = modality.read(tmp_path / "out", manifest)
    assert set(again.keys) == {str(number) for number in range(1, 21)}
    look = modality.observe(cohort.parts["images"], manifest)  # type: ignore[arg-type]
    assert look(modality.conform(again, cohort.parts["images"])).values.shape[0] == 20  # type: ignore[arg-type]


def test_a_patient_who_is_not_there_has_no_pictures(folder: Path) -> None:
    part = Images().read(folder, Manifest()).take(np.array([3, -1, 3]))
    assert part.keys[1] == ""
    assert list(np.bincount(part.pictures.patient, minlength=3) > 0) == [True, False, True]


def test_weights_make_patients_equal() -> None:
    some = pictures(9, RNG(0))
    sums = np.bincount(some.patient, some.weights)
    assert np.allclose(sums, 1 / 9)
    assert isinstance(some.of(np.array([1, 2])), Pictures)
