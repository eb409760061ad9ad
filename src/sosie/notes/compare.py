"""What doubles' notes keep of the original ones, and what attacks on the texts find.

Two parts enter, JSON-ready figures leave; whatever shows the original stands for at least k patients.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sosie.cohort import Floats, Mask
from sosie.manifest import Manifest
from sosie.notes import facts, languages
from sosie.notes.document import Document
from sosie.notes.doubles import overlap
from sosie.notes.doubles.downstream import Labelled, accuracy
from sosie.notes.doubles.grams import Lines, offending, words
from sosie.notes.doubles.part import NotesPart
from sosie.notes.doubles.profile import HOLDS, MEASUREMENT, PROBLEM, TREATMENT
from sosie.notes.doubles.residual import residual
from sosie.notes.languages.folding import fold
from sosie.notes.redact.words import spoken

MOST = 1_000
"""Patients of a side whose notes are read for facts."""
CLASSES = 10
MOST_FACTS, MOST_MEASURES, MAIN = 40, 12, 6
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class _Said:
    """What one patient's notes say: facts that they hold, means of measurements, problems by how often."""

    facts: frozenset[tuple[str, str]]
    values: dict[str, float]
    problems: Counter[str]


def compare(original: NotesPart, doubles: NotesPart, manifest: Manifest, rng: np.random.Generator) -> dict[str, object]:
    """Measure the utility of doubles' notes, and attack their texts.

    Parameters
    ----------
    original, doubles : NotesPart
    manifest : Manifest
        Names ``k``.
    rng : numpy.random.Generator

    Returns
    -------
    dict
        ``patients`` and ``notes`` of each side, ``kinds``, ``lengths``, ``facts``, ``vocabulary``, ``measures``,
        ``downstream`` (one classifier each), ``attacks``; ``facts_similarity``, ``kinds_similarity`` and
        ``measures_similarity`` are means, 1 for the same, None where nothing could be measured.
    """
    k = manifest.k
    mine, theirs = _some(original, rng), _some(doubles, rng)
    said = {"original": [_said(notes) for notes in mine], "doubles": [_said(notes) for notes in theirs]}
    kinds, told, measures = _kinds(mine, theirs, k), _facts(said, k), _measures(said, k)
    return {
        "k": k,
        "patients": {"original": len(original.keys), "doubles": len(doubles.keys)},
        "notes": {side: sum(map(len, part.documents)) for side, part in _sides(original, doubles)},
        "kinds_similarity": _alike([(one["original"], one["doubles"]) for one in kinds], total=True),
        "facts_similarity": _alike([(one["original"], one["doubles"]) for one in told]),
        "measures_similarity": _mean([one["similarity"] for one in measures]),
        "kinds": kinds,
        "lengths": {side: _lengths(notes) for side, notes in (("original", mine), ("doubles", theirs))},
        "facts": told,
        "measures": measures,
        "vocabulary": _vocabulary(mine, theirs, k),
        "downstream": _downstream(mine, theirs, said, k, rng),
        "attacks": _attacks(original, doubles, manifest, rng),
    }


def _sides(original: NotesPart, doubles: NotesPart) -> tuple[tuple[str, NotesPart], tuple[str, NotesPart]]:
    return ("original", original), ("doubles", doubles)


def _some(part: NotesPart, rng: np.random.Generator) -> list[tuple[Document, ...]]:
    held = [notes for notes in part.documents if notes]
    return held if len(held) <= MOST else [held[at] for at in rng.choice(len(held), MOST, replace=False)]


def _said(notes: Sequence[Document]) -> _Said:
    held: set[tuple[str, str]] = set()
    values: dict[str, list[float]] = {}
    problems: Counter[str] = Counter()
    for document in notes:
        language = languages.load(spoken(document.text, languages.available()))
        for mention in facts.extract(document.text, language):
            kind = str(mention.kind)
            if kind == MEASUREMENT and mention.value is not None:
                values.setdefault(mention.code, []).append(mention.value)
            elif kind in (PROBLEM, TREATMENT) and str(mention.status) in HOLDS:
                held.add((kind, mention.code))
                problems.update([mention.code] if kind == PROBLEM else [])
    return _Said(frozenset(held), {name: float(np.mean(each)) for name, each in values.items()}, problems)


def _kinds(mine: Sequence[Sequence[Document]], theirs: Sequence[Sequence[Document]], k: int) -> list[dict[str, Any]]:
    holders = Counter(kind for notes in mine for kind in {document.kind or "" for document in notes})
    counts = [Counter(document.kind or "" for notes in side for document in notes) for side in (mine, theirs)]
    totals = [max(sum(count.values()), 1) for count in counts]
    return [
        {"kind": kind, "original": _share(counts[0][kind], totals[0]), "doubles": _share(counts[1][kind], totals[1])}
        for kind, patients in holders.most_common()
        if patients >= k
    ]


def _lengths(notes: Sequence[Sequence[Document]]) -> dict[str, list[float]]:
    texts = [document.text for each in notes for document in each]
    if not texts:
        return {}
    counted = {
        "words": np.array([len(words(text)) for text in texts]),
        "lines": np.array([text.count("\n") + 1 for text in texts]),
        "notes": np.array([len(each) for each in notes]),
    }
    return {name: [round(float(at), 1) for at in np.quantile(each, QUANTILES)] for name, each in counted.items()}


def _facts(said: dict[str, list[_Said]], k: int) -> list[dict[str, Any]]:
    counts = {side: Counter(fact for one in each for fact in one.facts) for side, each in said.items()}
    sizes = {side: max(len(each), 1) for side, each in said.items()}
    return [
        {
            "kind": fact[0],
            "code": fact[1],
            "original": _share(count, sizes["original"]),
            "doubles": _share(counts["doubles"][fact], sizes["doubles"]),
        }
        for fact, count in counts["original"].most_common(MOST_FACTS)
        if count >= k
    ]


def _measures(said: dict[str, list[_Said]], k: int) -> list[dict[str, Any]]:
    names = Counter(name for one in said["original"] for name in one.values)
    found: list[dict[str, Any]] = []
    for name, count in names.most_common(MOST_MEASURES):
        values = {
            side: np.array([one.values[name] for one in each if name in one.values]) for side, each in said.items()
        }
        if count >= 2 * k:
            found.append({"name": name, "similarity": _overlap(values["original"], values["doubles"], k)})
    return found


def _overlap(mine: Floats, theirs: Floats, k: int) -> float:
    """Return the common mass of two histograms of classes that at least k patients fill."""
    edges = np.unique(np.quantile(mine, np.linspace(0, 1, min(CLASSES, max(len(mine) // k, 2)) + 1)[1:-1]))
    shares = [
        np.bincount(np.searchsorted(edges, each), minlength=len(edges) + 1) / max(len(each), 1)
        for each in (mine, theirs)
    ]
    return round(float(np.minimum(*shares).sum()), 4)


def _vocabulary(
    mine: Sequence[Sequence[Document]], theirs: Sequence[Sequence[Document]], k: int
) -> dict[str, float | int]:
    """Return how much of what k patients' notes say the doubles' say: of the words, and of all that is said."""
    counts = [Counter(word for notes in side for word in _words(notes)) for side in (mine, theirs)]
    shared = [word for word, count in counts[0].items() if count >= k]
    kept = [word for word in shared if counts[1][word]]
    whole = sum(counts[0][word] for word in shared)
    return {
        "words": len(shared),
        "kept": _share(len(kept), max(len(shared), 1)),
        "weighted": _share(sum(counts[0][word] for word in kept), max(whole, 1)),
    }


def _words(notes: Sequence[Document]) -> set[str]:
    return {fold(word) for document in notes for word in words(document.text) if word.isalpha()}


def _downstream(
    mine: Sequence[Sequence[Document]],
    theirs: Sequence[Sequence[Document]],
    said: dict[str, list[_Said]],
    k: int,
    rng: np.random.Generator,
) -> list[dict[str, object]]:
    notes = [
        Labelled(
            [document.text for each in side for document in each],
            [document.kind or "" for each in side for document in each],
        )
        for side in (mine, theirs)
    ]
    usual = Counter(problem for one in said["original"] for problem in one.problems)
    main = [problem for problem, count in usual.most_common(MAIN) if count >= k]
    people = [
        Labelled(
            ["\n".join(document.text for document in each) for each in side], [_main(one, main) for one in said[name]]
        )
        for side, name in ((mine, "original"), (theirs, "doubles"))
    ]
    found = []
    for target, (real, made) in (("kind", notes), ("main_problem", people)):
        one = accuracy(real, made, k, rng)
        if one is not None:
            found.append(
                {
                    "target": target,
                    "metric": "accuracy",
                    "original": one.original,
                    "doubles": one.doubles,
                    "gap": round(one.gap, 4),
                }
            )
    return found


def _main(said: _Said, offered: Sequence[str]) -> str:
    mine = [(said.problems[code], -at, code) for at, code in enumerate(offered) if said.problems[code]]
    return max(mine)[2] if mine else "other"


def _attacks(
    original: NotesPart, doubles: NotesPart, manifest: Manifest, rng: np.random.Generator
) -> dict[str, object]:
    corpus = original.corpus
    found: dict[str, object] = {"nearest": overlap.nearest(original, doubles, rng)}
    if corpus is not None:
        present: Mask = np.zeros(corpus.patients, dtype=bool)
        present[original.rows[original.rows >= 0]] = True
        rare = corpus.grams.rare(present, manifest.k)
        texts = [document.text.split("\n") for notes in doubles.documents for document in notes]
        found["rare_rows"] = sum(map(len, offending(texts, rare, Lines())))
    if doubles.filled:
        # Of a release that somebody else made, nobody knows what was invented, nor how it would treat a canary.
        found["residual"] = residual(doubles, rng)
        found["canaries"] = overlap.canaries(original, manifest, rng)
    return found


def _share(count: float, total: float) -> float:
    return round(count / total, 4)


def _alike(pairs: Sequence[tuple[float, float]], *, total: bool = False) -> float | None:
    """Return 1 less the mean difference of shares, or less half of its sum where the shares are of one whole."""
    if not pairs:
        return None
    gaps = np.array([abs(one - other) for one, other in pairs])
    return round(1.0 - float(gaps.sum() / 2.0 if total else gaps.mean()), 4)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
