"""Contact sheets for a human who checks what was masked: small pictures, before and after, on pages that stand alone.

They show what identifies, before it was masked, so they lie beside the copy and never in it, for their owner alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from sosie.images.answer import Sheet
from sosie.pages import Paper

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
        self._paper = Paper(folder, "sosie.images", language)
        self._regions: list[str] = []
        self._pages: list[tuple[str, int]] = []
        folder.mkdir(parents=True, mode=0o700)

    def add(self, name: str, sheets: Sequence[Sheet]) -> None:
        """Add the regions of an image, which goes by its name in the copy."""
        words = {key: escape(word) for key, word in self._paper.words.items()}
        for sheet in sheets:
            title = f"{escape(name)} · {words['frame']} {sheet.frame} · {escape(', '.join(sheet.labels))}"
            pictures = "".join(
                f'<figure><img alt="{words[when]}" src="data:image/png;base64,{data}">'
                f"<figcaption>{words[when]}</figcaption></figure>"
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
        head = "".join(f"<th>{escape(self._paper.words[key])}</th>" for key in ("page", "regions"))
        self._paper.write("index.html", body=f"<table><tr>{head}</tr>{rows}</table>")

    def _page(self) -> None:
        name = f"{len(self._pages) + 1:04d}.html"
        self._pages.append((name, len(self._regions)))
        self._paper.write(name, body="".join(self._regions))
        self._regions = []
