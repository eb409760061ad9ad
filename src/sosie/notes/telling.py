"""What notes say of their patients to the other parts of a cohort: read off the texts, of doubles as of patients.

The words themselves are read, by the rules that find facts in any note, so that a contradiction with another part is
seen whatever the writer believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from sosie.cohort import Floats
from sosie.notes import languages
from sosie.notes.document import Document
from sosie.notes.doubles.profile import SEXES
from sosie.notes.facts import FactKind, Status, extract
from sosie.notes.facts.loinc import usual
from sosie.notes.facts.measures import measures
from sosie.notes.redact.words import spoken
from sosie.stream import Described, Measured

_HELD = (Status.PRESENT, Status.HISTORY)


def described(documents: Sequence[Sequence[Document]]) -> Described:
    """Return the sex, the problems and the first figure of each measure that notes say of each patient."""
    n = len(documents)
    sex = [""] * n
    found: dict[str, Floats] = {}
    problems: list[list[str]] = [[] for _ in documents]
    for at, mine in enumerate(documents):
        votes: Counter[str] = Counter()
        for document in sorted(mine, key=_written):
            language = languages.load(spoken(document.text, languages.available()))
            for mention in extract(document.text, language):
                if mention.kind is FactKind.SEX and mention.code in SEXES:
                    votes[mention.code] += 1
                elif mention.kind is FactKind.PROBLEM and mention.status in _HELD:
                    problems[at].append(mention.code)
                elif mention.kind is FactKind.MEASUREMENT and mention.value is not None:
                    values = found.setdefault(mention.code, np.full(n, np.nan))
                    values[at] = mention.value if np.isnan(values[at]) else values[at]
        ranked = votes.most_common(2)
        if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
            sex[at] = ranked[0][0]
    codes, units = usual(), measures()
    told = {codes[name]: Measured(values, units[name].unit) for name, values in found.items() if name in codes}
    return Described(sex, np.full(n, np.nan), measures=told, problems=problems)


def _written(document: Document) -> int:
    return 0 if document.written is None else document.written.toordinal()
