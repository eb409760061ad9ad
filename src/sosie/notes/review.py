"""Pages for a human who reads a copy again: the new text, what was replaced highlighted, filters by label and score.

New texts and their findings come in; self-contained HTML pages leave, a batch of notes each, with a table of contents.
No original stands in them, and nothing in them comes from elsewhere. They are as personal as the copy: what was missed
shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Self

from sosie.notes.worker import Finding
from sosie.pages import Paper

NOTES, CHARACTERS = 200, 1_000_000
"""At most on a page."""


@dataclass(frozen=True)
class _Note:
    name: str
    text: str
    findings: tuple[Finding, ...]


class Review:
    """Writes the pages of one run.

    Parameters
    ----------
    folder : Path
        Created.
    language : str
        Of the pages' own words.
    """

    def __init__(self, folder: Path, language: str = "en") -> None:
        self._paper = Paper(folder, "sosie.notes", language)
        self._notes: list[_Note] = []
        self._size = 0
        self._pages: list[tuple[str, int, int]] = []
        folder.mkdir(parents=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()

    def add(self, name: str, text: str, findings: tuple[Finding, ...]) -> None:
        """Add a note."""
        self._notes.append(_Note(name, text, findings))
        self._size += len(text)
        if len(self._notes) >= NOTES or self._size >= CHARACTERS:
            self._page()

    def close(self) -> None:
        """Write what remains, and the table of contents."""
        if self._notes or not self._pages:
            self._page()
        words = self._paper.words
        rows = "".join(
            f'<tr><td><a href="{name}">{name}</a></td><td>{notes}</td><td>{found}</td></tr>'
            for name, notes, found in self._pages
        )
        head = "".join(f"<th>{escape(words[key])}</th>" for key in ("page", "notes", "findings"))
        self._paper.write("index.html", body=f"<main><table><tr>{head}</tr>{rows}</table></main>", filters="")

    def _page(self) -> None:
        name = f"{len(self._pages) + 1:04d}.html"
        findings = [finding for note in self._notes for finding in note.findings]
        labels = Counter(finding.label for finding in findings)
        body = "".join(_shown(note) for note in self._notes)
        self._pages.append((name, len(self._notes), len(findings)))
        self._paper.write(name, body=f"<main>{body}</main>", filters=_filters(labels, self._paper.words))
        self._notes, self._size = [], 0


def _filters(labels: Counter[str], words: dict[str, str]) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" checked value="{escape(label)}"> {escape(label)} <b>{count}</b></label>'
        for label, count in sorted(labels.items())
    )
    score = (
        f'<label>{escape(words["score"])} <input type="range" min="0" max="1" step="0.05" value="1"> <output>1</output>'
    )
    return f"<form>{boxes}{score}</label></form>"


def _shown(note: _Note) -> str:
    return f"<article><h2>{escape(note.name)}</h2><pre>{''.join(_marked(note.text, note.findings))}</pre></article>"


def _marked(text: str, findings: Sequence[Finding]) -> Iterable[str]:
    at = 0
    for finding in findings:
        yield escape(text[at : finding.new_start])
        told = f"{finding.label} · {finding.score:g} · {finding.detector}"
        inside = escape(text[finding.new_start : finding.new_end])
        yield (
            f'<mark data-label="{escape(finding.label)}" data-score="{finding.score:g}" title="{escape(told)}">'
            f"{inside}</mark>"
        )
        at = finding.new_end
    yield escape(text[at:])
