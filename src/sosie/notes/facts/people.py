"""The patient's sex and age, as a note tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from sosie.notes.facts.lexicon import Hit, Lexicon
from sosie.notes.facts.mention import FactKind, Mention, Status

YEARS = {"year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25}
_OLDEST = 125.0


def find(hits: Sequence[Hit], folded: str, lexicon: Lexicon) -> Iterator[Mention]:
    """Yield the words and fields that tell the patient's sex, and the figures that tell the age."""
    people = lexicon.grammar["people"]
    for hit in hits:
        if hit.entry.kind == FactKind.SEX:
            yield Mention(hit.start, hit.end, FactKind.SEX, hit.entry.code, Status.PRESENT)
    for match in _compiled(people["sex_field"]).finditer(folded):
        start, end = match.span(match.lastindex or 0)
        yield Mention(start, end, FactKind.SEX, people["sex_values"][folded[start]], Status.PRESENT)
    for match in _compiled(people["ages"]).finditer(folded):
        found = {name.rstrip("23"): name for name, text in match.groupdict().items() if text is not None}
        told = people["age_units"].get(match[found["unit"]], "year") if "unit" in found else "year"
        value = round(float(match[found["figure"]]) * YEARS[told], 4)
        if value <= _OLDEST:
            yield Mention(*match.span(found["figure"]), FactKind.AGE, told, Status.PRESENT, value, "year")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
