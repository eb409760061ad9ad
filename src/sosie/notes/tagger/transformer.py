"""A transformer for token classification from a folder of the user's: same place, same spans.

It needs ``torch`` and ``transformers``, which Sosie does not install, and a folder on the disk: nothing is fetched.
Labels of the model are read as ours where their names tell (``NOM``, ``B-PER``, ``LAST_NAME`` ...), others left out.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sosie.errors import ManifestError
from sosie.notes.document import Label, Span
from sosie.notes.tagger.base import Lists, Tagger
from sosie.notes.tokens import Offsets

DETECTOR = "transformer"
_WINDOW = 900
_SHARED = 150

MEANING = {name: label for label in Label for name in (label.name, label.value)} | {
    name: label
    for label, names in {
        Label.LAST_NAME: "NOM PER PERSON NAME PATIENT DOCTOR STAFF",
        Label.FIRST_NAME: "PRENOM",
        Label.BIRTH_DATE: "DATE_NAISSANCE",
        Label.ADDRESS: "ADRESSE",
        Label.CITY: "VILLE LOC",
        Label.POSTCODE: "ZIP",
        Label.HOSPITAL: "HOPITAL HOSP",
        Label.PHONE: "TEL",
        Label.EMAIL: "MAIL",
        Label.NATIONAL_ID: "SECU",
        Label.PATIENT_NUMBER: "IPP",
        Label.STAY_NUMBER: "NDA",
        Label.PRACTITIONER_NUMBER: "RPPS",
        Label.IDENTIFIER: "ID",
        Label.AGE: "AGE",
        Label.PROFESSION: "PROFESSION",
    }.items()
    for name in names.split()
}

Mark = tuple[int, int, str, float]
"""Start, end, label of the model, score."""


class TransformerTagger(Tagger):
    """Marks of a model, read as spans of ours.

    Parameters
    ----------
    classify : callable
        Takes a text and returns its marks: offsets, label of the model, score.
    """

    def __init__(self, classify: Callable[[str], list[Mark]]) -> None:
        self._classify = classify

    @staticmethod
    def load(path: Path | None = None) -> TransformerTagger:
        """Load a model from a folder of the disk."""
        if path is None or not (path / "config.json").is_file():
            place = "nothing" if path is None else path.name
            raise ManifestError(
                f"{place}: no transformer here; expected a folder with config.json, weights and tokenizer"
            )
        try:
            transformers = importlib.import_module("transformers")
            importlib.import_module("torch")
        except ImportError as error:
            raise ManifestError("A transformer needs torch and transformers: install them beside Sosie") from error
        known = json.loads((path / "config.json").read_text(encoding="utf-8")).get("id2label", {}).values()
        if not any(meaning(name) for name in known):
            raise ManifestError(f"{path.name}: none of the labels of this model is one that Sosie knows")
        pipeline = transformers.pipeline(
            "token-classification",
            model=transformers.AutoModelForTokenClassification.from_pretrained(path, local_files_only=True),
            tokenizer=transformers.AutoTokenizer.from_pretrained(path, local_files_only=True),
            aggregation_strategy="simple",
        )
        return TransformerTagger(lambda text: _marks(pipeline(text)))

    def tag(self, text: str, tokens: Sequence[Offsets], language: Lists) -> list[Span]:
        """Spans of a text, read in windows that overlap; marks grow to whole tokens."""
        found: list[Span] = []
        for first in range(0, max(1, len(text)), _WINDOW - _SHARED):
            for start, end, name, score in self._classify(text[first : first + _WINDOW]):
                label = meaning(name)
                if label is not None and end > start:
                    found.append(Span(first + start, first + end, label, score, DETECTOR))
            if first + _WINDOW >= len(text):
                break
        return _apart([_whole(span, tokens) for span in found])


def meaning(name: str) -> Label | None:
    """Label of ours that a model's label stands for."""
    bare = name.upper().removeprefix("B-").removeprefix("I-").removeprefix("S-").removeprefix("E-").removeprefix("L-")
    return MEANING.get(bare)


def _marks(entities: list[dict[str, Any]]) -> list[Mark]:
    return [(int(e["start"]), int(e["end"]), str(e["entity_group"]), float(e["score"])) for e in entities]


def _whole(span: Span, tokens: Sequence[Offsets]) -> Span:
    touched = [offsets for offsets in tokens if offsets[0] < span.end and offsets[1] > span.start]
    if not touched:
        return span
    return Span(touched[0][0], touched[-1][1], span.label, span.score, span.detector)


def _apart(spans: list[Span]) -> list[Span]:
    """The surest of the spans that overlap."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (-span.score, span.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)
