import numpy as np
import pytest

from sosie.images import faces
from sosie.images.pixels import frames
from tests.images.heads import Phantom, phantom, slices


@pytest.mark.parametrize(("modality", "size"), [("CT", 1.0), ("MR", 1.0), ("CT", 0.8)])
def test_the_face_goes_and_the_brain_stays(modality: str, size: float) -> None:
    head = phantom(modality, 4.0, size=size)
    images = slices(head, modality)
    before = values(images)
    done = faces.series(images)
    changed = before != values(images)
    assert done is not None
    assert done.passed
    assert done.nose
    assert changed[head.face].mean() > 0.97
    assert not changed[head.brain].any()


def test_a_head_in_any_orientation_is_defaced_alike() -> None:
    head = phantom("MR", 4.0)
    # To the right, to the front, to the head, as NIfTI has it; then sagittal.
    voxels = head.values[::-1, ::-1].transpose(1, 2, 0).copy()
    affine = np.zeros((4, 4))
    affine[[1, 2, 0, 3], [0, 1, 2, 3]] = (4, 4, 4, 1)
    before = voxels.copy()
    done = faces.array(voxels, affine)
    changed = (before != voxels).transpose(2, 0, 1)[::-1, ::-1]
    assert done is not None
    assert done.passed
    assert changed[head.face].mean() > 0.97
    assert not changed[head.brain].any()


def test_what_is_found_names_slices_and_boxes() -> None:
    images = slices(phantom("CT", 4.0), "CT")
    done = faces.series(images)
    assert done is not None
    boxes = [box for found in done.findings.values() for box in found]
    assert {(box.label, box.action) for box in boxes} == {("FACE", "defaced")}
    assert len(boxes) < len(images)


def test_a_trunk_has_no_face() -> None:
    grid = np.arange(0, 400, 8.0)
    x, y, _ = np.meshgrid(grid - 200, grid - 200, grid, indexing="ij")
    trunk = np.where((x / 180) ** 2 + (y / 110) ** 2 < 1, 40.0, -1000.0)
    nowhere = np.zeros(trunk.shape, bool)
    assert faces.series(slices(Phantom(trunk, nowhere, nowhere, 8.0), "CT")) is None


def test_noise_has_no_face() -> None:
    assert faces.array(np.random.default_rng(1).normal(size=(60, 60, 60)), np.diag([4.0, 4, 4, 1])) is None


def test_a_few_slices_are_no_volume() -> None:
    assert faces.series(slices(phantom("CT", 4.0), "CT")[:5]) is None


def values(images: list) -> np.ndarray:
    """Return stored values in the axes of the phantom."""
    return np.stack([frames.frame(image, 0).samples.T for image in reversed(images)], axis=2).astype(int)


def test_a_brain_that_was_taken_out_of_its_head_is_left_alone() -> None:
    head = phantom("MR", 4.0)
    voxels = np.where(head.brain, head.values, 0.0)
    assert faces.array(voxels, np.diag([-4.0, -4.0, 4.0, 1.0])) is None
