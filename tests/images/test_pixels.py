import socket

import numpy as np
import pytest
from pydicom import Dataset

from benchmarks.burned import Written, background, burn, dataset, hidden
from sosie.errors import UnreadableError
from sosie.images import pixels
from sosie.images.pixels import film, frames
from sosie.images.pixels.meaning import Nobody

FONT = "DejaVuSans"


def written(kind: str, lines: list[tuple[str, int, float, int]], seed: int = 3) -> tuple[np.ndarray, list[Written]]:
    rng = np.random.default_rng(seed)
    drawn, taken = background(kind, (256, 320), rng), []
    made = [burn(drawn, text, "", size, contrast, angle, taken, rng, FONT) for text, size, contrast, angle in lines]
    assert all(made)
    return drawn, made


def samples(image: Dataset, index: int = 0) -> np.ndarray:
    return frames.frame(image, index).samples.copy()


def test_what_identifies_is_hidden_and_a_measure_stays() -> None:
    drawn, made = written(
        "CT", [("VANDENBERGHE Amélie", 16, 1.0, 0), ("120 kV", 16, 1.0, 0), ("ID: 40771236", 12, 0.5, 90)]
    )
    image = dataset(drawn, "CT", 12)
    before = samples(image)
    masked, left, notice = pixels.hide(image, Nobody())
    assert [hidden(before, samples(image), each.box) for each in made] == [True, False, True]
    assert {each.label for each in masked} == {"LAST_NAME", "PATIENT_NUMBER"}
    assert (left, notice) == ([], None)


def test_little_contrast_and_small_letters_are_found() -> None:
    drawn, made = written("CR", [("Siobhán Okonkwo", 12, 0.2, 0), ("03/11/1957", 9, 0.5, 0)])
    image = dataset(1 - drawn, "CR", 16)
    image.PhotometricInterpretation = "MONOCHROME1"
    before = samples(image)
    pixels.hide(image, Nobody())
    assert all(hidden(before, samples(image), each.box) for each in made)


def test_coloured_text_is_found() -> None:
    drawn, made = written("US", [("Mateusz Kowalczyk", 16, 1.0, 0)])
    letters = drawn > 0.95
    colours = np.repeat(drawn[..., None] * 0.5, 3, axis=2)
    colours[letters] = (0.1, 0.2, 1.0)
    image = dataset(colours, "US", 8)
    before = samples(image)
    pixels.hide(image, Nobody())
    assert hidden(before[..., 2], samples(image)[..., 2], made[0].box)


def test_anatomy_is_left_alone() -> None:
    for kind in ("CT", "MR", "US", "CR"):
        image = dataset(background(kind, (256, 256), np.random.default_rng(5)), kind, 12)
        assert pixels.find(image, Nobody()) == []


def test_an_overlay_is_hidden_in_every_frame() -> None:
    rng = np.random.default_rng(2)
    drawn, made = written("US", [("Soraya Thakur", 16, 0.8, 0)])
    text = drawn > 0.75
    film = []
    for _ in range(4):
        scene = background("US", drawn.shape, rng) * 0.6
        scene[text] = 1.0
        film.append(scene)
    image = dataset(np.concatenate(film), "US", 8)
    image.Rows, image.NumberOfFrames = 256, 4
    before = [samples(image, at) for at in range(4)]
    pixels.hide(image, Nobody())
    assert all(hidden(before[at], samples(image, at), made[0].box) for at in range(4))


def test_frames_that_bring_nothing_new_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, _ = written("US", [("Soraya Thakur", 16, 0.8, 0)])
    image = dataset(np.concatenate([drawn] * 5), "US", 8)
    image.Rows, image.NumberOfFrames = 256, 5
    searched, real = [], film.told
    monkeypatch.setattr(film, "told", lambda *given: searched.append(1) or real(*given))
    found = pixels.find(image, Nobody())
    assert len(searched) == 1
    assert {each.frame for each in found} == set(range(5))


def test_a_second_look_finds_what_was_left() -> None:
    drawn, _ = written("MR", [("Khadija Quéméneur", 18, 1.0, 0)])
    image = dataset(drawn, "MR", 12)
    assert pixels.verify(image, Nobody())
    pixels.mask(image, pixels.find(image, Nobody()))
    assert pixels.verify(image, Nobody()) == []


def test_a_finding_never_holds_what_was_read() -> None:
    drawn, _ = written("MR", [("Khadija Quéméneur", 18, 1.0, 0)])
    assert "hadija" not in repr(pixels.find(dataset(drawn, "MR", 12), Nobody()))


def test_what_has_no_pixels_has_no_text() -> None:
    assert pixels.hide(Dataset(), Nobody()) == ([], [], None)


def test_pixels_that_no_codec_reads_are_refused() -> None:
    image = dataset(np.zeros((64, 64)), "MR", 12)
    image.PixelData = image.PixelData[:100]
    with pytest.raises(UnreadableError):
        pixels.find(image, Nobody())


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    from sosie.images.pixels.reader import Reader

    tried: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: tried.append(address))
    Reader()
    assert not tried
