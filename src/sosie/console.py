"""What the command line says, and where: results on the standard output, progress and errors on the standard error.

With ``--json`` one object is written on the standard output and nothing else; an error is one object on the last line
of the standard error. On a terminal, progress is bars; elsewhere, plain lines.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sosie.engine import Event

STEPS = 4
"""Plain lines of progress for a stage that counts."""


class Language(StrEnum):
    """The languages of the command line and of the report."""

    EN = "en"
    FR = "fr"


@dataclass(frozen=True)
class Console:
    """One run of the command line."""

    language: Language = Language.EN
    as_json: bool = False

    @classmethod
    def of(cls, arguments: Sequence[str]) -> Console:
        """Read the two options that decide how an error is told, before the arguments are known to be sound."""
        given = [*arguments, ""]
        spoken = os.environ.get("SOSIE_LANG", "")
        for option, value in pairwise(given):
            spoken = value if option == "--lang" else option.removeprefix("--lang=") if "--lang=" in option else spoken
        return cls(Language(spoken) if spoken in set(Language) else Language.EN, "--json" in given)

    def say(self, key: str, **fields: object) -> str:
        """Return a message in the language of the run."""
        return catalogue(self.language)[key].format(**fields)

    def result(self, record: Mapping[str, object], lines: Sequence[str]) -> None:
        """Write a result: the record as JSON, or the lines."""
        typer.echo(json.dumps(record, ensure_ascii=False, default=str) if self.as_json else "\n".join(lines))

    def error(self, message: str, code: int, **places: object) -> int:
        """Write an error, and return its exit code."""
        told = {name: place for name, place in places.items() if place is not None}
        error = {"error": printable(message), "exit_code": code, **told}
        title = typer.style(self.say("error.title"), fg="red", bold=True)
        plain = f"{title}: {printable(message)}"
        typer.echo(json.dumps(error, ensure_ascii=False) if self.as_json else plain, err=True)
        return code

    @contextmanager
    def progress(self) -> Iterator[Callable[[Event], None]]:
        """Listen to the pipeline, and show how far it is."""
        if sys.stderr.isatty() and not self.as_json:
            with _bars(self) as listener:
                yield listener
        else:
            yield _Lines(self)

    def stage(self, name: str) -> str:
        """Return what a stage does; a stage nobody foresaw keeps its name."""
        first, *rest = name.split() or [""]
        known = catalogue(self.language).get(f"stage.{first}")
        return name if known is None else " ".join([known, *(f"({word})" for word in rest)])


@dataclass
class _Lines:
    """One line when a stage starts, and one at each quarter of a stage that counts."""

    console: Console
    shown: dict[str, int] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        quarter = STEPS * event.done // event.total if event.total else 0
        if quarter <= self.shown.get(event.stage, -1):
            return
        self.shown[event.stage] = quarter
        counted = f" {event.done}/{event.total}" if event.total else ""
        typer.echo(f"{self.console.stage(event.stage)}{counted}", err=True)


@contextmanager
def _bars(console: Console) -> Iterator[Callable[[Event], None]]:
    from rich.console import Console as Terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Terminal(stderr=True), transient=True) as progress:
        tasks: dict[str, int] = {}

        def listener(event: Event) -> None:
            if event.stage not in tasks:
                # Stages follow each other: one that starts ends those before it.
                for task in progress.tasks:
                    progress.update(task.id, total=task.total or 1, completed=task.total or 1)
                tasks[event.stage] = progress.add_task(console.stage(event.stage), total=event.total)
            task_id = progress.tasks[tasks[event.stage]].id
            progress.update(task_id, completed=event.done, total=event.total)

        yield listener


def printable(text: str) -> str:
    """Return a text without the control characters by which a hostile name would command the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def aligned(rows: Sequence[Sequence[str]], colours: Mapping[str, str] | None = None) -> list[str]:
    """Return the rows of a table as lines of aligned columns; cells named in ``colours`` are coloured on terminals."""
    clean = [[printable(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in clean) for at in range(len(clean[0]))] if clean else []
    lines = []
    for row in clean:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        chosen = [
            typer.style(text, fg=colours[cell]) if colours and cell in colours else text
            for cell, text in zip(row, padded, strict=True)
        ]
        lines.append("  " + "  ".join(chosen).rstrip())
    return lines


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return the messages of a language."""
    raw = tomllib.loads(files("sosie").joinpath("messages.toml").read_text(encoding="utf-8"))
    messages: dict[str, str] = raw[language.value]
    return messages
