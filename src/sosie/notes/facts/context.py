"""Whether a fact holds: negation, hypothesis, history, family.

Words that deny, doubt or say whose a fact is (cues) reach the facts after them, or before them, in their sentence, up
to a word that ends their reach, as in NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029) and ConText (Harkema et
al. 2009, doi:10.1016/j.jbi.2009.05.002). The cues of French start from those of edsnlp (BSD 3-clause). Headings say it
for what stands under them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sosie.notes.facts.lexicon import Hit, Lexicon
from sosie.notes.facts.mention import Status
from sosie.notes.sentences import Extent

_STRONGER = (Status.NEGATED, Status.FAMILY, Status.POSSIBLE, Status.HISTORY)
"""Where several hold, the first is told."""
_HEADING = re.compile(r"[ \t]{0,3}:|[ \t]*(?=\n|$)")
_EMPTY_BOX = re.compile(r"(?:\[ ?\]|[☐□]) ?$")
_FULL_STOP = re.compile(r"[a-z]{3}[.!?]\s")
_ITEM = re.compile(r"[ \t]*(?:[-–•*·►>+]|\d{1,2}[.)-] )")
_FORTH, _BACK = 600, 60
"""Characters over which a cue reaches forward, and back."""
_ARTICLE = 4
"""Characters at most before a word that opens its sentence."""
_NEXT = 6
"""Characters before a fact in which a word that may stand before or after facts ("probable") stands before it."""


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue, or, without a status, what ends the reach of others: of all but family where its side is ``aside``.

    It is ``either`` where it may stand before or after a fact.
    """

    start: int
    end: int
    status: Status | None
    side: str
    only: str = ""
    either: bool = False


class Context:
    """The cues of a text.

    Parameters
    ----------
    hits : sequence of Hit
    folded : str
    extents : sequence of Extent
        Its sentences.
    lexicon : Lexicon
    """

    def __init__(self, hits: Sequence[Hit], folded: str, extents: Sequence[Extent], lexicon: Lexicon) -> None:
        self._folded = folded
        self._extents = extents
        self._starts = [extent.start for extent in extents]
        self._headings = list(_headings(hits, folded))
        heads = {start for start, _, _ in self._headings}
        self._cues = [cue for hit in hits if hit.entry.cue and hit.start not in heads for cue in _cues(hit)]
        self._facts = [hit.start for hit in hits if hit.entry.kind]
        self._cue_starts = [cue.start for cue in self._cues]
        grammar = lexicon.grammar["context"]
        self._goes_on = _compiled(grammar["goes_on"])
        self._denied, self._doubted = _compiled(grammar["denied"]), _compiled(grammar["doubted"])
        self._past = _compiled(grammar["past"])

    def status(self, start: int, end: int, kind: str) -> Status:
        """Tell how a fact of a kind holds that stands at two offsets."""
        if self._denied.match(self._folded, end) or _EMPTY_BOX.search(self._folded, max(0, start - 4), start):
            return Status.NEGATED
        extent = self._extents[max(0, bisect_right(self._starts, start) - 1)]
        middle = bisect_right(self._cue_starts, start)
        found = {cue.status for cue in self._before(start, extent, middle) if cue.only in ("", kind)}
        found |= {cue.status for cue in self._after(end, extent, middle) if cue.only in ("", kind)}
        if self._doubted.match(self._folded, end):
            found.add(Status.POSSIBLE)
        if self._past.match(self._folded, end):
            found.add(Status.HISTORY)
        if (heading := self._heading(start, kind)) is not None:
            found.add(heading)
        return next((status for status in _STRONGER if status in found), Status.PRESENT)

    def _before(self, start: int, extent: Extent, middle: int) -> Iterator[_Cue]:
        """Yield the cues before a fact that reach it; what is between is looked at once, from the fact back."""
        aside = ended = any_comma = False
        at = start
        for index in range(middle - 1, bisect_right(self._cue_starts, extent.start - 1) - 1, -1):
            cue = self._cues[index]
            between = self._folded[cue.end : at]
            if start - cue.end > _FORTH or ";" in between or _FULL_STOP.search(between):
                return
            any_comma = any_comma or "," in between
            ended = ended or ("," in between and self._comma_ends(cue.end, at))
            at = min(at, cue.start)
            if cue.status is None:
                if cue.side == "stop":
                    return
                aside = True
            elif cue.side != "after" and cue.end <= start:
                # A relative who opens a sentence is whom the whole of it is about.
                opens = cue.status is Status.FAMILY and cue.start - extent.start <= _ARTICLE
                if self._reaches(cue, aside, ended and not opens, any_comma):
                    yield cue

    def _reaches(self, cue: _Cue, aside: bool, ended: bool, any_comma: bool) -> bool:
        """Tell whether a cue reaches over what is between it and a fact."""
        if cue.status is Status.FAMILY:
            sign = self._folded[cue.end : cue.end + 2].strip()[:1]
            return sign != ")" and (not ended or sign == ":")
        if aside or cue.status is Status.HISTORY:
            return not aside
        return not (any_comma if cue.side == "near" else ended)

    def _comma_ends(self, start: int, end: int) -> bool:
        """Tell whether a comma between two offsets ends what was opened before it."""
        at = self._folded.find(",", start, end)
        while at >= 0:
            if not self._goes_on.match(self._folded, at + 1):
                return True
            at = self._folded.find(",", at + 1, end)
        return False

    def _after(self, end: int, extent: Extent, middle: int) -> Iterator[_Cue]:
        """Yield the cues after a fact that reach back to it."""
        for index in range(middle, bisect_right(self._cue_starts, extent.end - 1)):
            cue = self._cues[index]
            if cue.status is None or cue.start - end > _BACK:
                return
            between = self._folded[end : cue.start]
            reaches = cue.side == "after" and cue.start >= end and "," not in between and not _FULL_STOP.search(between)
            if reaches and not (cue.either and self._heads_another(cue)):
                yield cue

    def _heads_another(self, cue: _Cue) -> bool:
        """Tell whether a fact stands right after a cue."""
        place = bisect_right(self._facts, cue.end - 1)
        if place == len(self._facts) or self._facts[place] - cue.end >= _NEXT:
            return False
        return not set(self._folded[cue.end : self._facts[place]]) & set(".,;:\n")

    def _heading(self, start: int, kind: str) -> Status | None:
        index = bisect_right(self._headings, start, key=lambda heading: heading[0]) - 1
        if index < 0:
            return None
        _, told, end = self._headings[index]
        status, _, only = told.partition(" ")
        return Status[status] if start < end and only in ("", kind.lower()) else None


def _cues(hit: Hit) -> Iterator[_Cue]:
    for cue in hit.entry.cue.split("; "):
        code, _, rest = cue.partition(" ")
        side, _, only = rest.partition(" ")
        if code in ("stop", "aside"):
            yield _Cue(hit.start, hit.end, None, code)
        elif code != "nothing":
            yield _Cue(hit.start, hit.end, Status[code], side, only.upper(), ";" in hit.entry.cue)


def _headings(hits: Sequence[Hit], folded: str) -> Iterator[tuple[int, str, int]]:
    """Yield where a heading starts, what it says and where that ends.

    A heading with text on its line is for that line and the items of a list under it; one that stands alone is for all
    lines up to the next heading or the second blank line.
    """
    found = [(hit, match) for hit in hits if (match := _heads(hit, folded)) is not None]
    for place, (hit, match) in enumerate(found):
        limit = found[place + 1][0].start if place + 1 < len(found) else len(folded)
        line = folded.find("\n", match.end())
        line = len(folded) if line < 0 else line
        if folded[match.end() : line].strip():
            end = _items(folded, line)
        else:
            blank = re.compile(r"\S[^\S\n]*\n[^\S\n]*\n").search(folded, match.end())
            end = blank.end() if blank else len(folded)
        yield hit.start, hit.entry.heading, min(end, limit)


def _heads(hit: Hit, folded: str) -> re.Match[str] | None:
    """Match the end of a heading: a phrase that opens its line and has a colon, or the line, after it."""
    if not hit.entry.heading:
        return None
    opening = folded[folded.rfind("\n", 0, hit.start) + 1 : hit.start]
    return _HEADING.match(folded, hit.end) if not opening.strip(" \t-*#•=_.0123456789") else None


def _items(folded: str, at: int) -> int:
    while at < len(folded) and _ITEM.match(folded, at + 1):
        following = folded.find("\n", at + 1)
        at = len(folded) if following < 0 else following
    return at


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
