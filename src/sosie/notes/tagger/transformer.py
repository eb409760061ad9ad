"""A transformer for token classification from a folder of the user's: same place, same spans.

It needs ``torch`` and ``transformers``, which Sosie does not install, and a folder on the disk: nothing is fetched. Labels of the
model are read as ours where their names tell (``NOM``, ``B-PER``, ``LAST_NAME`` ...); others are left out.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from sosie.errors import ManifestError
from sosie.notes.document import Label, Span
from sosie.notes.tagger.base import Lists, Tagger
from sosie.notes.tokens import Offsets

DETECTOR = "transformer"
_WINDOW = 900
_SHARED = 150

MEANING = {label.name: label for label in Label} | {label.value: label for label in Label} | {
    "NOM": Label.LAST_NAME, "PRENOM": Label.FIRST_NAME, "PER": Label.LAST_NAME, "PERSON": Label.LAST_NAME, "NAME": Label.LAST_NAME,
    "PATIENT": Label.LAST_NAME, "DOCTOR": Label.LAST_NAME, "STAFF": Label.LAST_NAME, "DATE_NAISSANCE": Label.BIRTH_DATE,
    "ADRESSE": Label.ADDRESS, "VILLE": Label.CITY, "LOC": Label.CITY, "ZIP": Label.POSTCODE, "HOPITAL": Label.HOSPITAL, "HOSP": Label.HOSPITAL,
    "TEL": Label.PHONE, "MAIL": Label.EMAIL, "SECU": Label.NATIONAL_ID, "IPP": Label.PATIENT_NUMBER, "NDA": Label.STAY_NUMBER,
    "RPPS": Label.PRACTITIONER_NUMBER, "ID": Label.IDENTIFIER, "AGE": Label.AGE, "PROFESSION": Label.PROFESSION,
}  # fmt: skip

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

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load a model from a folder of the disk."""
        if not (path / "config.json").is_file():
            raise ManifestError(f"{path.name}: no transformer here; a folder with config.json, weights and tokenizer is expected")
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
        return cls(lambda text: _marks(pipeline(text)))

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
