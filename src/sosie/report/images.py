"""What the doubles' images keep, and a page of them, as `sosie.images.compare` measured and drew it.

Every part is optional and none is trusted: a part that cannot be read is left out. The page shows doubles and phantoms,
never a patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sosie.report.reading import mapping, number, text
from sosie.report.sides import Row
from sosie.report.words import Words

_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_SIDES = ("original", "doubles")


@dataclass(frozen=True)
class Page:
    """Two sheets of small pictures (JPEG in base64), and what the second one shows, in words."""

    doubles: str
    beside: str
    caption: str


@dataclass(frozen=True)
class ImagesUtility:
    """What is kept of the images."""

    kept: tuple[Row, ...]
    page: Page | None


def read(raw: object, say: Words) -> ImagesUtility | None:
    """Read what was measured; None when nothing was."""
    source = mapping(raw)
    return ImagesUtility(tuple(_kept(source, say)), _page(mapping(source.get("page")), say)) if source else None


def _kept(source: Mapping[str, object], say: Words) -> Iterator[Row]:
    for name, decimals in (("patients", 0), ("pictures", 0), ("each", 1)):
        sides = mapping(source.get(name))
        if sides:
            yield Row(say(f"images.{name}"), *(say.number(number(sides.get(side)), decimals) for side in _SIDES))
    for name, figures in mapping(source.get("classes")).items():
        for figure in ("mean_correlation", "spread_ratio"):
            value = number(mapping(figures).get(figure))
            if value is not None:
                yield Row(say(f"images.{figure}", name=name), "", say.number(value, 3))
    task = mapping(source.get("task"))
    if task:
        yield Row(say("images.task"), *(say.percent(number(task.get(side))) for side in _SIDES))
    near = number(mapping(source.get("nearer")).get("doubles"))
    if near is not None:
        yield Row(say("images.nearer"), "", say.percent(near))


def _page(source: Mapping[str, object], say: Words) -> Page | None:
    sheets = [text(source.get(name)) for name in ("doubles", "beside")]
    if not all(_BASE64.fullmatch(sheet) for sheet in sheets):
        return None
    kind = text(source.get("kind"))
    return Page(sheets[0], sheets[1], say.known("images", f"beside_{kind}", say("images.beside_means")))
