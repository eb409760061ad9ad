"""Contact sheets for a human who checks what was masked: small pictures, before and after, on pages that stand alone.

They show what identifies, before it was masked, so they lie beside the copy and never in it, for their owner alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cached_property
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from sosie.images.answer import Sheet

REGIONS = 100
"""At most on a page."""


class Pages:
    """Writes the pages of one run.

    Parameters
    ----------
    folder : Path
        Created, for its owner alone.
    language : str
        Of the pages' own words.
    """

    def __init__(self, folder: Path, language: str = "en") -> None:
        self._folder, self._language = folder, language
        self._regions: list[str] = []
        self._pages: list[tuple[str, int]] = []
        folder.mkdir(parents=True, mode=0o700)

    def add(self, name: str, sheets: Sequence[Sheet]) -> None:
        """Add the regions of an image, which goes by its name in the copy."""
        for sheet in sheets:
            title = f"{escape(name)} · {escape(self._words['frame'])} {sheet.frame} · {escape(', '.join(sheet.labels))}"
            pictures = "".join(
                f'<figure><img alt="{escape(self._words[when])}" src="data:image/png;base64,{data}">'
                f"<figcaption>{escape(self._words[when])}</figcaption></figure>"
                for when, data in (("before", sheet.before), ("after", sheet.after))
            )
            self._regions.append(f"<article><h2>{title}</h2><div>{pictures}</div></article>")
            if len(self._regions) >= REGIONS:
                self._page()

    def close(self) -> None:
        """Write what remains, and the table of contents."""
        if self._regions or not self._pages:
            self._page()
        rows = "".join(f'<tr><td><a href="{name}">{name}</a></td><td>{count}</td></tr>' for name, count in self._pages)
        head = "".join(f"<th>{escape(self._words[key])}</th>" for key in ("page", "regions"))
        self._write("index.html", f"<table><tr>{head}</tr>{rows}</table>")

    def _page(self) -> None:
        name = f"{len(self._pages) + 1:04d}.html"
        self._pages.append((name, len(self._regions)))
        self._write(name, "".join(self._regions))
        self._regions = []

    def _write(self, name: str, body: str) -> None:
        words = {key: escape(word) for key, word in self._words.items()}
        page = self._template.substitute(words, language=self._language, body=body)
        (self._folder / name).write_text(page, encoding="utf-8")

    @cached_property
    def _words(self) -> dict[str, str]:
        raw = tomllib.loads(files("sosie.images").joinpath("review.toml").read_text(encoding="utf-8"))
        words: dict[str, str] = raw[self._language]
        return words

    @cached_property
    def _template(self) -> Template:
        return Template(files("sosie.images").joinpath("review.html").read_text(encoding="utf-8"))
