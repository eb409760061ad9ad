"""What the columns of a table of notes are, found by name and by what they hold.

A few hundred values enter; the names of the columns of the text, of the patient, of the date and of the kind leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from sosie.manifest import NotesManifest
from sosie.notes.document import Label
from sosie.notes.source.fields import Names, Person, folded, label_of

LEAST_CHARACTERS, LEAST_WORDS = 200, 30
"""Median of a column that is text even where the table is not declared as one of notes."""
_LEAST_NAMED = 40
_DOMINANT = 0.6
_FILLED = 0.8


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table of notes by what they are."""

    text: str
    patient: str | None = None
    date: str | None = None
    kind: str | None = None
    document: str | None = None

    def label(self, name: str, value: str) -> Label | Person | None:
        """Return what the values of a column identify."""
        if name == self.patient:
            return Label.PATIENT_NUMBER
        if name == self.document:
            return Label.IDENTIFIER
        return Label.DATE if name == self.date else label_of(name, value)


def choose(values: Mapping[str, Sequence[str]], declared: NotesManifest, patient: str | None = None) -> Columns | None:
    """Return the columns of a table whose records are known to be notes; None when none holds text.

    Parameters
    ----------
    values : mapping of str to sequence of str
        Some values of each column that can hold text.
    declared : NotesManifest
    patient : str, optional
        Column of the patient key, as the manifest names it for all sources.
    """
    text = declared.text or _text(values)
    if text is None:
        return None
    rest = [name for name in values if name != text]
    return Columns(
        text,
        declared.patient or (patient if patient in rest else None) or _first(rest, "patient"),
        declared.date or _first(rest, "date"),
        declared.kind or _first(rest, "kind"),
        declared.document,
    )


def notes_table(values: Mapping[str, Sequence[str]], patient: str | None = None) -> Columns | None:
    """Return the columns of a table that is one of notes beyond doubt.

    One column of it is long text in nearly every row, and most of what the table holds; and either its name says so, or
    patients have several rows.
    """
    found = choose(values, NotesManifest(), patient)
    if found is None:
        return None
    cells = [cell for cell in values[found.text] if cell.strip()]
    rows = len(values[found.text])
    if not cells or len(cells) < _FILLED * rows:
        return None
    if median(map(len, cells)) < LEAST_CHARACTERS or median(len(cell.split()) for cell in cells) < LEAST_WORDS:
        return None
    whole = sum(len(cell) for column in values.values() for cell in column)
    if sum(map(len, cells)) < _DOMINANT * whole:
        return None
    keys = [key for key in values.get(found.patient, ()) if key] if found.patient else []
    return found if folded(found.text) in Names.load().columns["text"] or len(set(keys)) < len(keys) else None


def _text(values: Mapping[str, Sequence[str]]) -> str | None:
    lengths = {name: _typical(cells) for name, cells in values.items()}
    known = Names.load().columns["text"]
    named = [n for n in sorted(values, key=lambda n: -lengths[n]) if folded(n) in known and lengths[n]]
    if named and lengths[named[0]] >= 0.2 * max(lengths.values()):
        return named[0]
    longest = max(lengths, key=lambda name: lengths[name], default=None)
    return longest if longest is not None and lengths[longest] >= _LEAST_NAMED else None


def _typical(cells: Sequence[str]) -> float:
    lengths = [len(cell) for cell in cells if cell.strip()]
    return sum(lengths) / len(lengths) if lengths else 0.0


def _first(names: Sequence[str], role: str) -> str | None:
    known = Names.load().columns[role]
    return min((name for name in names if folded(name) in known), key=lambda n: known.index(folded(n)), default=None)
