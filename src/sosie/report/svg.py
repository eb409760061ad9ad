"""From a matplotlib figure to SVG inside a page: accessible, deterministic, without any reference outside."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from xml.sax.saxutils import escape

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REAL, DOUBLES = "#2b6193", "#dd7a2b"
"""The two colours of every chart, told apart by colour-blind readers and in grey."""
INK, MUTED, RULE = "#22313f", "#51606d", "#cfd8df"

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sosie",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "lines.solid_capstyle": "butt",
}


Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Panel(Generic[Shown]):
    """A picture and what it shows."""

    picture: Markup
    shown: Shown


@contextmanager
def style() -> Iterator[None]:
    """Draw in the identity of the report, whatever the user's own settings of matplotlib."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Letters that the layout font lacks: the reader's browser has them.
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def figure(name: str, size: tuple[float, float], title: str, paint: Callable[[Figure], None]) -> Markup:
    """Draw one figure.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the picture, unique on the page.
    size : tuple of float
        Width and height in CSS pixels.
    title : str
        What the picture shows, for those who do not see it.
    paint : callable
        Draws on an empty figure.
    """
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(size[0] / 72, size[1] / 72))
    paint(canvas)
    page = StringIO()
    canvas.savefig(page, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return Markup(_inline(page.getvalue(), name, size, title))


def _inline(source: str, name: str, size: tuple[float, float], title: str) -> str:
    body = source[source.index("<svg") :]
    body = body[body.index(">") + 1 :]
    for noise in (r"<metadata>.*?</metadata>", r"<!--.*?-->", r"<style.*?</style>"):
        body = re.sub(noise, "", body, flags=re.DOTALL)
    used = frozenset(re.findall(r"#([\w.-]+)", body))
    # Names of columns stand in text nodes, which may hold anything: tags alone are rewritten.
    body = re.sub(r"<[^>]+>", lambda tag: _own(tag.group(), name, used), body)
    body = re.sub(r"\s*\n\s*", "\n", body).strip()
    width, height = (f"{length:g}" for length in size)
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="{name}-title"><title id="{name}-title">{escape(title)}</title>\n{body}'
    )


def _own(tag: str, name: str, used: frozenset[str]) -> str:
    tag = re.sub(r' id="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", tag)
    tag = tag.replace("xlink:href", "href").replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    tag = re.sub(r" font-family: [^;]+;", "", tag)
    tag = re.sub(r' transform="rotate\(-0 [^"]+"', "", tag)
    return re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found.group()):.2f}".rstrip("0").rstrip("."), tag)
