"""The path of a file, without what identifies in it: names of people in its note, numbers, dates of the patient."""

from __future__ import annotations

import re

from sosie.notes.redact import dates
from sosie.notes.redact.patient import UNDATED, Double, same

NUMBER = 7
"""Digits from which a part of a file's name is the number of somebody."""
_DATED = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])|\d\d[-_.]\d\d[-_.](?:19|20)\d\d)(?!\d)"
)
_PART = re.compile(r"[^\W_]+")


def redacted(name: str, double: Double) -> str:
    """Return the path that stands for the path of a patient's note."""
    file, mark, part = name.partition("#")
    return "/".join(_step(step, double) for step in file.split("/")) + mark + part


def _step(step: str, double: Double) -> str:
    stem, dot, suffix = step.rpartition(".") if "." in step[1:] else (step, "", "")
    if double.told and same(stem) == same(double.key):
        return f"{double.identifier(stem)}{dot}{suffix}"
    pieces, at = [], 0
    for day in _DATED.finditer(stem):
        pieces += [_words(stem[at : day.start()], double), _moved(day[0], double)]
        at = day.end()
    return "".join([*pieces, _words(stem[at:], double), dot, suffix])


def _words(text: str, double: Double) -> str:
    return _PART.sub(lambda word: _word(word[0], double), text)


def _word(word: str, double: Double) -> str:
    digits = sum(character.isdigit() for character in word)
    if digits and double.names_patient(word):
        return double.identifier(word)
    if double.people.bears(word):
        return double.people.replaced(word, "LAST_NAME")
    return double.pseudonyms.surrogate("", "IPP", word) if digits >= NUMBER else word


def _moved(text: str, double: Double) -> str:
    if double.words is None:
        return text
    stream = double.pseudonyms.stream(double.key, "date", text)
    return dates.moved(text.replace("_", "-"), double.shift, double.words.calendar, UNDATED, stream) or text
