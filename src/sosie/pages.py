"""Pages for a human, one file each, that need nothing else: a room's own template and its words in two languages.

The room's package holds ``review.html``, a template, and ``review.toml``, its words by language.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template


@dataclass(frozen=True)
class Paper:
    """What pages are written on.

    Parameters
    ----------
    folder : Path
    room : str
        Package of the template and the words.
    language : str
    """

    folder: Path
    room: str
    language: str

    def write(self, name: str, **parts: str) -> None:
        """Write a page; its parts are HTML already."""
        words = {key: escape(word) for key, word in self.words.items()}
        page = self._template.substitute(words, language=self.language, **parts)
        (self.folder / name).write_text(page, encoding="utf-8")

    @cached_property
    def words(self) -> dict[str, str]:
        """The room's words."""
        raw = tomllib.loads(files(self.room).joinpath("review.toml").read_text(encoding="utf-8"))
        words: dict[str, str] = raw[self.language]
        return words

    @cached_property
    def _template(self) -> Template:
        return Template(files(self.room).joinpath("review.html").read_text(encoding="utf-8"))
