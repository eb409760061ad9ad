"""Plain aligned tables, or Markdown ones."""

from __future__ import annotations

from collections.abc import Sequence


def show(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, markdown: bool = False) -> str:
    """Return a titled table; every column but the first is aligned to the right."""
    widths = [max(len(row[j]) for row in (headings, *rows)) for j in range(len(headings))]
    if markdown:
        head = f"| {' | '.join(headings)} |\n|{'---|' * len(headings)}"
        return f"### {title}\n\n{head}\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)
    lines = [_line(row, widths) for row in (headings, *rows)]
    return "\n".join((title, lines[0], "-" * len(lines[0]), *lines[1:], ""))


def figure(value: float | None, decimals: int = 3) -> str:
    """Return a number as the tables show it, ``-`` for none."""
    if value is None or value != value:
        return "-"
    text = f"{value:.{decimals}f}"
    return text.replace("0.", ".", 1) if decimals == 3 and text.startswith(("0.", "-0.")) else text


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join((row[0].ljust(widths[0]), *cells))
