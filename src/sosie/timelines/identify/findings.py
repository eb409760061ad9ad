"""Findings of timelines: where something that identifies stands, and why we say so; never a value.

Codes and the words that are values are read once each, however often they stand. What fewer than k patients bear is
counted in codes, never in patients.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from sosie.cohort import Finding, Mask, Role, Rows
from sosie.manifest import Manifest
from sosie.timelines.days import Whole
from sosie.timelines.events import Clock, TimelinesPart
from sosie.timelines.identify import forms

MOSTLY = 0.9
"""Share of the words of a code that one patient alone bears, from which they are taken for numbers of something."""
READ = 20_000
"""Words that are read of a source, the rarest first: an identifier is borne by one."""


def findings(part: TimelinesPart, manifest: Manifest) -> tuple[Finding, ...]:
    """Find what identifies people in the codes, the values, the times and the people of timelines."""
    return (
        *_key(part),
        *_times(part),
        *_people(part, manifest.k),
        *_codes(part, manifest.k),
        *_texts(part, manifest.k),
        *_numbers(part),
        *_serial(part, manifest.k),
    )


def _finding(part: TimelinesPart, place: str, label: str, role: Role, score: float, by: str, why: str) -> Finding:
    return Finding(part.form.name, place, label, role, score, by, why)


def _key(part: TimelinesPart) -> Iterator[Finding]:
    yield _finding(part, "patient", "PATIENT_KEY", Role.KEY, 1.0, "key", "it is the key of the patients")


def _times(part: TimelinesPart) -> Iterator[Finding]:
    known = ~np.isnan(part.events.time)
    if not known.any():
        return
    if part.clock is Clock.CALENDAR:
        why = "events bear exact dates"
    else:
        why = "days since an origin keep every gap, and gaps single out as dates do"
    yield _finding(part, "events.time", "DATE", Role.DATE, 1.0, "shape:time", why)


def _people(part: TimelinesPart, k: int) -> Iterator[Finding]:
    named = {
        "sex": ("SEX", Role.QUASI),
        "birth": ("BIRTH_DATE", Role.QUASI),
        "start": ("DATE", Role.DATE),
        "stop": ("DATE", Role.DATE),
        "dead": ("VITAL_STATUS", Role.SENSITIVE),
    }
    for name in part.people.columns:
        column = part.people[name]
        if column.null_count() == len(column):
            continue
        if name in named:
            label, role = named[name]
            yield _finding(part, f"people.{name}", label, role, 0.95, "source", "the source says what it is")
            continue
        found = None if column.dtype.is_numeric() else _told(column.drop_nulls().cast(str).unique().to_list())
        if found:
            shape, count = found
            yield _found(part, f"people.{name}", shape, count, k)
        else:
            why = "it does not change with time, and others may know it"
            yield _finding(part, f"people.{name}", "QUASI_IDENTIFIER", Role.QUASI, 0.6, "shape:static", why)


def _codes(part: TimelinesPart, k: int) -> Iterator[Finding]:
    for shape, count in _shapes([code.code for code in part.codes]):
        # A code is often a number or a few words: only what is beyond doubt is told of it.
        if shape.score >= forms.NAME.score and shape is not forms.TEXT:
            yield _found(part, "events.code", shape, count, k)
    held = holders(part.events.patient, part.events.code, len(part.codes))
    rare = int(np.count_nonzero((held > 0) & (held < k)))
    if rare:
        why = f"{rare} codes are of fewer than {k} patients each"
        yield _finding(part, "events.code", "RARE_CODE", Role.QUASI, 1.0, "count:patients", why)


def _texts(part: TimelinesPart, k: int) -> Iterator[Finding]:
    if not part.texts:
        return
    held = holders(part.events.patient, part.events.text, len(part.texts))
    rarest = np.argsort(held, kind="stable")[:READ]
    for shape, count in _shapes([part.texts[at] for at in rarest if held[at]]):
        yield _found(part, "events.value", shape, count, k)


def _numbers(part: TimelinesPart) -> Iterator[Finding]:
    if forms.numbers(part.events.value):
        shape = forms.SHAPES[0]
        yield _finding(
            part,
            "events.value",
            shape.label,
            shape.role,
            shape.score,
            "validator:nir",
            "numbers with its key stand there",
        )


def _serial(part: TimelinesPart, k: int) -> Iterator[Finding]:
    """Find codes whose words are each of one patient alone: numbers of samples, of files, of devices."""
    events = part.events
    said = events.text >= 0
    if not said.any():
        return
    held = holders(events.patient, events.text, len(part.texts))
    pairs = np.unique(np.stack([events.code[said], events.text[said]]), axis=1)
    for code in np.unique(pairs[0]):
        words = pairs[1][pairs[0] == code]
        digits = [at for at in words[:1000] if any(letter.isdigit() for letter in part.texts[at])]
        if len(words) >= k and len(digits) >= MOSTLY * min(len(words), 1000) and (held[words] == 1).mean() >= MOSTLY:
            why = "nearly every value with digits is of one patient alone"
            yield _finding(part, "events.value", "IDENTIFIER", Role.DIRECT, 0.7, "shape:serial", why)
            return


def holders(patient: Whole, what: Whole, size: int) -> Rows:
    """Return how many patients bear each of some things."""
    known: Mask = what >= 0
    pairs = np.unique(patient[known].astype(np.int64) * max(size, 1) + what[known])
    return np.bincount(pairs % max(size, 1), minlength=size)


def _shapes(words: Sequence[str]) -> list[tuple[forms.Shape, int]]:
    found = Counter(shape.label for word in words if (shape := forms.of(word)))
    shapes = {shape.label: shape for shape in (*reversed(forms.SHAPES), forms.NAME, forms.TEXT)}
    return [(shapes[label], count) for label, count in sorted(found.items())]


def _told(words: Sequence[str]) -> tuple[forms.Shape, int] | None:
    return max(_shapes(words), key=lambda found: (found[0].role is Role.DIRECT, found[1]), default=None)


def _found(part: TimelinesPart, place: str, shape: forms.Shape, count: int, k: int) -> Finding:
    # What few values tell may be of as few patients: they are not counted.
    many = str(count) if count >= k else "some"
    if shape is forms.TEXT:
        return _finding(part, place, shape.label, shape.role, shape.score, "shape:text", f"{many} long texts")
    by = "name" if shape is forms.NAME else f"validator:{shape.label.lower()}"
    return _finding(part, place, shape.label, shape.role, shape.score, by, f"{many} values have its form")
