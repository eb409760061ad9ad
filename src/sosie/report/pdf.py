"""The same page as a PDF, by WeasyPrint, without any access to the network or to other files."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Written:
    """Whether a PDF was written; false in a condition when it was not.

    Parameters
    ----------
    path : Path, optional
    reason : str
        Why there is no PDF, and what to do.
    """

    path: Path | None = None
    reason: str = ""

    def __bool__(self) -> bool:
        return self.path is not None


def write_pdf(html: str, path: Path) -> Written:
    """Write a page as PDF, its folded parts unfolded.

    Parameters
    ----------
    html : str
        What `sosie.report.html.render` returned.
    path : Path

    Returns
    -------
    Written
        Empty, with the reason, where WeasyPrint or its system libraries are missing.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except ImportError:
        return Written(reason="no PDF: WeasyPrint is not installed (pip install weasyprint)")
    except OSError:
        return Written(reason="no PDF: the system library Pango is missing (Debian: apt-get install libpango-1.0-0)")
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of CSS that only browsers need
    # The report refers to nothing outside itself; its pictures are in it.
    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",)))
    # Whole, then in its place: a reader never opens half a file.
    partial = path.with_name(f".{path.name}.part")
    try:
        document.write_pdf(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return Written(path)
