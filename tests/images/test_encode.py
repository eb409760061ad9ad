from pathlib import Path

import numpy as np
import pytest

from sosie.cohort import Vectors
from sosie.errors import ManifestError, UnreadableError
from sosie.images.encode import choose
from sosie.images.encode.components import Components
from sosie.images.encode.cosine import Cosine, CosineBasis
from sosie.images.encode.given import Given
from sosie.images.encode.patients import PatientCodec
from sosie.images.pictures import Pictures, gathered, toned
from tests.images.pictured import SIDE, pictures

RNG = np.random.default_rng


def test_a_cosine_basis_brings_smooth_pictures_back() -> None:
    basis = CosineBasis(SIDE)
    latents = RNG(0).normal(size=(3, basis.width))
    assert np.allclose(basis.encode(basis.decode(latents)), latents, atol=1e-4)


def test_a_cosine_basis_does_not_look_at_the_pictures() -> None:
    some, others = pictures(30, RNG(0)), pictures(30, RNG(1))
    encoder = Cosine()
    assert encoder.fit(some.pixels, some.weights, RNG(0)) == encoder.fit(others.pixels, others.weights, RNG(0))


def test_components_keep_what_varies() -> None:
    some = pictures(60, RNG(0))
    basis = Components(8).fit(some.pixels, some.weights, RNG(0))
    rebuilt = basis.decode(basis.encode(some.pixels))
    assert basis.frozen is None
    assert np.mean((rebuilt - some.pixels) ** 2) < 0.05 * some.pixels.var()


def test_an_autoencoder_learns_pictures() -> None:
    torch = pytest.importorskip("torch")
    from sosie.images.encode.autoencoder import Autoencoder

    torch.set_num_threads(1)
    some = pictures(6, RNG(0))
    maps = Autoencoder(width=4, steps=2, device="cpu").fit(some.pixels, some.weights, RNG(0))
    assert maps.decode(maps.encode(some.pixels)).shape == some.pixels.shape


def test_given_networks_are_named_by_their_hash(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    encoder, decoder = torch.nn.Flatten(), torch.nn.Unflatten(1, (1, 8, 8))
    torch.jit.trace(encoder, torch.zeros(2, 1, 8, 8)).save(tmp_path / "encoder.pt")
    torch.jit.trace(decoder, torch.zeros(2, 64)).save(tmp_path / "decoder.pt")
    some = pictures(5, RNG(0))
    maps = Given(tmp_path, side=8).fit(some.pixels, some.weights, RNG(0))
    assert maps.frozen is not None
    assert len(maps.frozen) == 64
    assert maps.decode(maps.encode(some.pixels)).shape == some.pixels.shape


def test_given_networks_that_are_none_are_refused(tmp_path: Path) -> None:
    some = pictures(5, RNG(0))
    with pytest.raises(UnreadableError, match=r"no encoder\.onnx"):
        Given(tmp_path).fit(some.pixels, some.weights, RNG(0))
    (tmp_path / "encoder.onnx").write_bytes(b"nothing")
    (tmp_path / "decoder.onnx").write_bytes(b"nothing")
    with pytest.raises(UnreadableError, match="no network"):
        Given(tmp_path).fit(some.pixels, some.weights, RNG(0))


def test_an_unknown_encoder_is_refused() -> None:
    with pytest.raises(ManifestError, match="expected one of cosine, pca, vae, given"):
        choose("magic")


def test_patients_without_pictures_are_a_class_where_they_are_many() -> None:
    some = pictures(30, RNG(0))
    few, many = (Pictures(some.pixels, some.patient, 30 + more, some.label, some.labels) for more in (1, 200))
    codec = PatientCodec.fit(many, Cosine(4), RNG(0))
    block = codec.encode(many)
    assert np.isnan(block.values[30:, 2:]).all()
    assert set(block.values[30:, 1]) == {float(len(some.labels))}
    assert codec.decode(block, RNG(1)).counts[30:].sum() == 0
    assert not np.isnan(PatientCodec.fit(few, Cosine(4), RNG(0)).encode(few).values).any()


def test_no_synthesizer_draws_levels_beyond_what_is_known_of_them() -> None:
    some = pictures(30, RNG(0))
    codec = PatientCodec.fit(some, Cosine(4), RNG(0))
    block = codec.encode(some)
    wild = Vectors(block.columns, np.where(np.arange(block.values.shape[1]) > 1, 1e8, block.values))
    assert np.abs(codec.representation.encode(codec.decode(wild, RNG(1)).pixels)).max() < 5.0
    assert all(column.bounds for column in block.columns[2:])


def test_a_number_of_pictures_that_few_patients_have_is_not_drawn() -> None:
    some = pictures(30, RNG(0))
    patient = np.concatenate([some.patient, np.zeros(40, dtype=np.int64)])
    pixels, label = np.concatenate([some.pixels, some.pixels[:40]]), np.concatenate([some.label, some.label[:40]])
    codec = PatientCodec.fit(Pictures(pixels, patient, 30, label, some.labels), Cosine(4), RNG(0))
    assert codec.most <= np.bincount(some.patient).max()


def test_drawn_pictures_differ_by_class_as_real_ones_do() -> None:
    some = pictures(80, RNG(0))
    codec = PatientCodec.fit(some, Cosine(6), RNG(0))
    made = codec.decode(codec.encode(some), RNG(1))
    gaps = [one.pixels[one.label == 1].mean(0) - one.pixels[one.label == 0].mean(0) for one in (some, made)]
    assert np.corrcoef(gaps[0].ravel(), gaps[1].ravel())[0, 1] > 0.95


def test_drawn_pictures_scatter_as_real_ones_do() -> None:
    some = pictures(200, RNG(0))
    codec = PatientCodec.fit(some, Cosine(6), RNG(0))
    made = codec.decode(codec.encode(some), RNG(1))
    spreads = [codec.representation.encode(one.pixels).var(axis=0).mean() for one in (some, made)]
    assert spreads[1] == pytest.approx(spreads[0], rel=0.25)


def test_a_missing_class_draws_nothing() -> None:
    some = pictures(30, RNG(0))
    codec = PatientCodec.fit(some, Cosine(4), RNG(0))
    block = codec.encode(some)
    values = block.values.copy()
    values[:, 1] = np.nan
    assert len(codec.decode(Vectors(block.columns, values), RNG(0))) == 0


def test_classes_of_few_patients_go_together() -> None:
    blank = [np.zeros((4, 4), dtype=np.float32)] * 5
    made, keys = gathered(blank, ["a", "b", "c", "d", "d"], ["x", "x", "y", "z", "z"], 2)
    assert made.labels == ("other", "x")
    assert keys == ("a", "b", "c", "d")


def test_tones_do_not_depend_on_depth_or_sense() -> None:
    levels = np.linspace(0, 4000, 64 * 64).reshape(64, 64)
    deep, inverted = toned(levels, 16), toned(levels, 16, inverted=True)
    assert deep.min() >= 0
    assert deep.max() <= 1
    assert np.allclose(deep, 1.0 - inverted, atol=1e-5)


def test_given_onnx_networks_are_run(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "encoder.onnx").write_bytes(network("GlobalAveragePool", ["n", 1, 8, 8], ["n", 1, 1, 1]))
    axes = message(1, "axes") + message(20, 7) + message(8, 2) + message(8, 3)
    (tmp_path / "decoder.onnx").write_bytes(network("Unsqueeze", ["n", 1], ["n", 1, 1, 1], message(5, axes)))
    some = pictures(5, RNG(0))
    maps = Given(tmp_path).fit(some.pixels, some.weights, RNG(0))
    assert (maps.side, maps.width) == (8, 1)
    made = maps.decode(maps.encode(some.pixels))
    assert np.allclose(made.mean(axis=(1, 2)), some.pixels.mean(axis=(1, 2)), atol=0.02)


def network(operator: str, taken: list[int | str], given: list[int | str], attributes: bytes = b"") -> bytes:
    """Write an ONNX model of one node, field by field."""
    node = message(1, "in") + message(2, "out") + message(4, operator) + attributes
    graph = message(1, node) + message(2, "graph") + message(11, port("in", taken)) + message(12, port("out", given))
    return message(1, 6) + message(7, graph) + message(8, message(2, 11))


def port(name: str, shape: list[int | str]) -> bytes:
    sides = b"".join(message(1, message(2 if isinstance(side, str) else 1, side)) for side in shape)
    return message(1, name) + message(2, message(1, message(1, 1) + message(2, sides)))


def message(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return bytes([*varint(number << 3), *varint(value)])
    content = value.encode() if isinstance(value, str) else value
    return bytes([*varint(number << 3 | 2), *varint(len(content))]) + content


def varint(value: int) -> list[int]:
    return [value] if value < 128 else [value & 127 | 128, *varint(value >> 7)]
