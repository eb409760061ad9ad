from pathlib import Path

import numpy as np
import pytest

from sosie.images.decode.detail import Bank, chest
from sosie.images.decode.files import Person, write
from sosie.images.decode.phantom import phantoms
from sosie.images.encode.cosine import CosineBasis
from tests.images.pictured import SIDE, pictures

RNG = np.random.default_rng


def test_phantoms_are_pictures_that_differ() -> None:
    drawn = phantoms(5, SIDE, RNG(0))
    assert drawn.shape == (5, SIDE, SIDE)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert drawn.std(axis=0).mean() > 0.02


def test_the_bank_is_the_same_everywhere() -> None:
    assert np.array_equal(chest(16).fine, Bank.of(phantoms(240, 16, RNG(5))).fine)


def test_detail_leaves_what_is_coarse() -> None:
    bank = Bank.of(phantoms(30, SIDE, RNG(0)))
    basis = CosineBasis(SIDE)
    latents = 0.5 * RNG(1).normal(size=(10, basis.width))
    made = basis.encode(bank.add(basis.decode(latents), RNG(2)))
    low = basis.radii < 2
    assert np.corrcoef(made[:, low].ravel(), latents[:, low].ravel())[0, 1] > 0.9


def test_png_lie_in_folders_of_doubles_and_classes(tmp_path: Path) -> None:
    some = pictures(3, RNG(0))
    write(some, [Person(str(number)) for number in range(3)], tmp_path, "png", RNG(1))
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png"))
    assert len(files) == len(some)
    assert files[0] == "images/0/first/1.png"


@pytest.mark.parametrize(("label", "name"), [("CR CHEST AP", "CR"), ("view", "OT")])
def test_dicom_of_doubles_is_coherent(tmp_path: Path, label: str, name: str) -> None:
    pydicom = pytest.importorskip("pydicom")
    some = pictures(3, RNG(0))
    object.__setattr__(some, "labels", (label, f"{label} 2"))
    write(some, [Person(str(number), "F", 50.2) for number in range(3)], tmp_path, "dicom", RNG(1))
    read = [pydicom.dcmread(path) for path in sorted(tmp_path.rglob("*.dcm"))]
    assert len({one.SOPInstanceUID for one in read}) == len(some)
    assert len({one.StudyInstanceUID for one in read}) == len({one.PatientID for one in read}) == 3
    assert {(one.Modality, one.PatientSex, one.PatientAge) for one in read} == {(name, "F", "050Y")}
    shown = read[0].pixel_array / 4095.0
    assert np.allclose(shown, some.pixels[0], atol=1e-3)
