"""The training: the network that it fits is the one that the package runs."""

import random

import numpy as np
import pytest

from sosie.notes.document import Label
from sosie.notes.tagger.features import layout
from sosie.notes.tagger.network import Network, Weights
from sosie.notes.tokens import tokenize
from training.notes.corpus import Corpus, targets
from training.notes.draft import Annotated, Draft
from training.notes.train import Settings, Trainer, joined

SMALL = Settings(width=8, hidden=16, batch=300, word_loss=0.0, list_loss=0.0, rest_loss=0.0, hidden_loss=0.0, rate=0.02)


def notes(count: int) -> list[Annotated]:
    rng = random.Random(0)
    names = ["Kermadeuc", "Zbrouniak", "Trevoux", "Quervelou"]
    parts = [
        [("Vu par le Dr ", None), (rng.choice(names), Label.LAST_NAME), (" pour une toux.", None)] for _ in range(count)
    ]
    return [Draft(pieces).finish() for pieces in parts]


def fitted(count: int = 60) -> tuple[Corpus, Weights]:
    corpus = Corpus()
    corpus.add(notes(count), {})
    return corpus, Trainer(corpus, SMALL, np.random.default_rng(0)).fit(40)


def test_what_is_learned_is_found_again():
    _, weights = fitted()
    text = "Vu par le Dr Morvenec pour une toux."
    words = [text[start:end] for start, end in tokenize(text)]
    scores, begins = Network(weights, {}).probabilities(words, layout(text, tokenize(text)))
    assert scores.argmax(axis=1).tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert begins.argmax() == 4


def test_the_network_survives_writing_and_reading(tmp_path):
    _, weights = fitted(20)
    weights.save(tmp_path / "w.npz")
    read = Weights.load(tmp_path / "w.npz")
    assert np.abs(read.E - weights.E).max() < np.abs(weights.E).max() / 100
    assert np.allclose(read.B, weights.B, atol=1e-2)


@pytest.mark.parametrize(
    ("name", "place"),
    [("O", (2, 1)), ("C", (1, 3, 4)), ("G", (2, 2)), ("B", (0, 5, 1)), ("A", (3, 2, 5)), ("L", (1, 3))],
)
def test_gradients_agree_with_finite_differences(name, place):
    corpus = Corpus()
    corpus.add(notes(5), {})
    trainer = Trainer(corpus, SMALL, np.random.default_rng(0))
    batch = joined(corpus.notes)
    slope = trainer.gradient(batch)[1][name][place]
    losses = []
    for step in (0.02, -0.04):
        trainer.weights[name][place] += step
        losses.append(trainer.gradient(batch)[0])
    assert slope == pytest.approx((losses[0] - losses[1]) / 0.04, rel=0.05, abs=1e-4)


def test_a_token_belongs_to_the_entity_that_covers_most_of_it():
    note = Annotated("leDrMartinez vu", ((4, 12, Label.LAST_NAME),))
    labels, begins = targets(note, tokenize(note.text))
    assert labels.tolist() == [0, 0, 1, 0]
    assert begins.tolist() == [0, 0, 1, 0]
