"""Reads a source of notes and writes it again, as the command does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sosie.manifest import Manifest
from sosie.notes import source
from sosie.notes.document import Document
from sosie.notes.source import Problem

Change = Callable[[Document], str]


@dataclass(frozen=True)
class Copied:
    documents: dict[str, Document]
    problems: list[Problem]
    unwritten: tuple[Problem, ...]
    out: Path

    def text(self, name: str) -> str:
        return self.documents[name].text

    def told(self, name: str) -> dict[str, str]:
        """The pieces of a document that its source labels, by label; the last of each."""
        document = self.documents[name]
        return {span.label.name: document.text[span.start : span.end] for span in document.known}


def same(document: Document) -> str:
    return document.text


def replacing(*pairs: tuple[str, str]) -> Change:
    def change(document: Document) -> str:
        text = document.text
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    return change


def copied(given: Path, out: Path, change: Change = same, manifest: Manifest | None = None) -> Copied:
    declared = manifest or Manifest()
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    writer = source.open_writer(given, out, declared)
    for found in source.read(given, declared):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            documents[found.name] = found
            writer.write(found, change(found))
    return Copied(documents, problems, writer.close(), out)
