"""What a line of text in an image says of a person: nothing (a measurement, a side, a setting), or something.

The text is what a network read, with its usual errors, and the header's identifiers; the answer is a label, or None
for what may stay. What is not known to be innocent does not stay: a name need not be in the header to be somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from sosie.images.pixels.lexicon import LANGUAGES, drawn, lexicon, skeleton
from sosie.notes.languages import load
from sosie.notes.languages.folding import fold
from sosie.notes.spelling import misspells

if TYPE_CHECKING:
    from pydicom import Dataset

NAME, DATE, BIRTH, NUMBER, PLACE, AGE, UNKNOWN = (
    "LAST_NAME",
    "DATE",
    "BIRTH_DATE",
    "PATIENT_NUMBER",
    "HOSPITAL",
    "QI_AGE",
    "IDENTIFIER",
)

_PIECE = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\W_]+")
_TOKEN = re.compile(r"[^\s,;=:()\[\]{}<>|\"]+")
_NUMBER = re.compile(r"[-+±~≈]?\d{1,4}(?:[.,]\d{1,4})?%?°?")
_CODE = re.compile(r"[a-z]{1,3}[-.]?\d{1,3}(?:[-/.]?[a-z]?\d{0,2}[a-z]?)?|\d{1,3}[a-z]{1,2}\d{0,3}")
_SHORT_CODE = re.compile(r"(?=.*\d)[a-z0-9]{1,7}(?:-[a-z0-9]{1,3})?")
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<!\d)(?:{_YEAR}[-/. ]?[01]?\d[-/. ]?[0-3]?\d|[0-3]?\d\s?[-/.]\s?[01]?\d\s?[-/.]\s?(?:{_YEAR}|\d\d)"
    rf"|[01]?\d\s?[-/.]\s?[0-3]?\d\s?[-/.]\s?(?:{_YEAR}|\d\d)|[01]?\d[-/.]{_YEAR}|[0-3]\d[01]\d{_YEAR}|\d\d[-/.]\d\d[-/.]\d\d(?:-\d+)?)(?!\d)"
)
_CLOCK = re.compile(r"(?<![\d.])[0-2]?\d\s?[:h]\s?[0-5]\d(?:\s?[:m.]\s?[0-5]\d)?(?![\d])")
_AGE = re.compile(
    r"(?<!\d)\d{1,3}\s?-?(?:y|yo|yr|yrs|years?|ans?|jahre?|anni|anos?)(?![a-z])|(?<![a-z])age\s?[:=]?\s?\d"
)
_FIGURES = re.compile(r"\d(?:[\s.\-/]?\d){4,}")
_CODED = (
    *(
        "Modality",
        "BodyPartExamined",
        "ViewPosition",
        "ImageLaterality",
        "Laterality",
        "PatientPosition",
        "Manufacturer",
    ),
    *("ScanningSequence", "ScanOptions", "SequenceName", "ConvolutionKernel", "FilterType", "ManufacturerModelName"),
)


class Identifiers(Protocol):
    """What the header says of people, folded."""

    @property
    def names(self) -> Collection[str]: ...  # noqa: D102
    @property
    def born(self) -> date | None: ...  # noqa: D102
    @property
    def numbers(self) -> Collection[str]: ...  # noqa: D102
    @property
    def institutions(self) -> Collection[str]: ...  # noqa: D102


@dataclass(frozen=True)
class Nobody:
    """A header that names nobody."""

    names: tuple[str, ...] = ()
    born: date | None = None
    numbers: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()


class Judge:
    """What is known of one image: it says of each line what it gives away.

    Parameters
    ----------
    identifiers : Identifiers
        Of the header.
    dataset : Dataset, optional
        Its coded attributes (modality, view, maker) are innocent words.
    """

    def __init__(self, identifiers: Identifiers, dataset: Dataset | None = None) -> None:
        self._known = lexicon()
        self._names = [part for name in identifiers.names for part in _letters(name) if len(part) > 2]
        self._places = [part for name in identifiers.institutions for part in _letters(name) if len(part) > 3]
        self._numbers = {compact for each in identifiers.numbers if len(compact := skeleton(str(each))) > 2}
        self._born = _ways(identifiers.born)
        self._coded = frozenset(_header_words(dataset)) if dataset is not None else frozenset()

    def heading(self, text: str) -> bool:
        """Tell whether a line announces what identifies ("Name:", "DOB")."""
        words = _letters(text)
        return any(word in self._known.person for word in words) and len(words) < 4 and not self._measured(text)

    def apart(self, text: str, told: bool) -> bool:
        """Tell whether an innocent line is one of the trade, so that a heading beside it does not speak of it.

        Parameters
        ----------
        text : str
        told : bool
            Whether what the heading speaks of stands in its own line.
        """
        words = _letters(text)
        terms = [self._trade(word) for word in words]
        return bool(words) and (all(terms) or self._measured(text) or (told and any(terms)))

    def _trade(self, word: str) -> bool:
        return word in self._known.words or (len(word) > 2 and drawn(word) in self._known.drawn)

    def _measured(self, text: str) -> bool:
        """Tell whether a line ends in a figure and its unit."""
        last = re.search(r"(?<![\d.,])\d{1,4}(?:[.,]\d{1,3})?\s?([a-zµ%]{1,4}\d?)\W*$", fold(text))
        return last is not None and len(last[1]) > 1 and last[1] in self._known.units

    def label(self, text: str) -> str | None:
        """Return what a line identifies, None where it may stay."""
        folded = fold(text)
        # Months stand as figures from here on; "12 mar 1960" is a date as "12-03-1960" is.
        written = _PIECE.sub(lambda match: "-03-" if match[0] in self._known.months else match[0], folded)
        written = re.sub(r"[\s./-]*-03-[\s./-]*", "-03-", written)
        if _DATE.search(written):
            figures = re.sub(r"\D", "", folded)
            return BIRTH if any(way in figures for way in self._born) else DATE
        return self._from_header(folded) or self._from_form(folded) or self._from_words(text, folded)

    def _from_header(self, folded: str) -> str | None:
        for word in _letters(folded):
            if any(_same(word, name) for name in self._names):
                return NAME
        bare = skeleton(folded)
        if any(len(name) > 4 and skeleton(name) in bare for name in self._names):
            return NAME
        if any(number == bare or (len(number) > 4 and number in bare) for number in self._numbers):
            return NUMBER
        if any(
            len(number) > 5 and abs(len(number) - len(bare)) < 2 and misspells(bare, number, 1)
            for number in self._numbers
        ):
            return NUMBER
        if any(
            _same(word, part) for word in _letters(folded) for part in self._places if part not in self._known.words
        ):
            return PLACE
        return None

    def _from_form(self, folded: str) -> str | None:
        if _AGE.search(folded):
            return AGE
        if _CLOCK.search(folded):
            return DATE
        if any(sum(map(str.isdigit, match[0])) > 5 or match[0].isdigit() for match in _FIGURES.finditer(folded)):
            return NUMBER
        return None

    def _from_words(self, text: str, folded: str) -> str | None:
        words = _letters(folded)
        headed = any(word in self._known.person for word in words)
        if headed and re.search(r"\d{3}", folded):
            return NUMBER
        unknown = [token for token in _TOKEN.findall(folded) if not self._innocent(token)]
        if any(word in self._known.institution for word in words) and any(
            word not in self._known.words or word in self._known.institution for word in words
        ):
            return PLACE
        if unknown:
            parts = [part for token in unknown for part in _letters(token)]
            if headed and all(part in self._known.person for part in parts):
                return None  # A heading alone ("Name:", "Dr") says nothing.
            return NAME if any(part in self._known.names for part in parts) else UNKNOWN
        if len([word for word in words if word not in self._known.words]) > 1:
            return _in_prose(text)
        return None

    def _innocent(self, token: str) -> bool:
        """Tell whether a token is a figure, a unit, a setting, or a word of the trade or of the language."""
        token = token.strip(".,;:!?*'’\"#&@^_~-+/\\%°²³µ•·…>«»")
        if not token or _NUMBER.fullmatch(token) or self._term(token):
            return True
        if re.search(r"[/\\+&^_*#×%·-]", token):
            return all(self._innocent(part) for part in re.split(r"[/\\+&^_*#×%·-]+", token) if part)
        measured = re.fullmatch(r"[-+]?(\d+(?:[.,]\d+)?)([a-zµ°%²³]{1,6})", token)
        if (
            measured
            and len(re.sub(r"\D", "", measured[1])) < 6
            and (measured[2] in self._known.units or len(measured[2]) < 2)
        ):
            return True
        valued = re.fullmatch(r"([a-zµ]{1,5})[-+]?(\d{1,4}(?:[.,]\d+)?)([a-zµ%]{0,3})", token)
        if valued and self._term(valued[1]) and (not valued[3] or valued[3] in self._known.units):
            return True
        if _CODE.fullmatch(token) or (len(token) < 6 and _SHORT_CODE.fullmatch(token)):
            return True
        glued = re.findall(r"[a-z]+|\d+(?:[.,]\d+)*", token)
        if len(glued) > 1 and "".join(glued) == token:
            return all(self._term(part) or (len(part) < 5 and part[0].isdigit()) for part in glued)
        return False

    def _term(self, word: str) -> bool:
        """Tell whether a word is known; two that were read as one are."""
        if self._word(word):
            return True
        words = self._known.words
        return len(word) > 4 and any(
            word[:at] in words and word[at:] in words for at in range(2, len(word) - 1) if word not in self._known.names
        )

    def _word(self, word: str) -> bool:
        known = self._known
        if word in known.words or word in known.units or word in self._coded:
            return True
        if len(word) < 2 and not word.isdigit():
            return True
        if len(word) > 2 and word not in known.names and drawn(word) in known.drawn:
            return True
        if len(word) < 4 or not word.isalpha() or word in known.names:
            return False
        return word in known.common or skeleton(word) in known.skeletons


def _ways(day: date | None) -> tuple[str, ...]:
    """Return the figures by which a day may be written."""
    return () if day is None else tuple(day.strftime(form) for form in ("%d%m%Y", "%m%d%Y", "%Y%m%d"))


def _same(word: str, name: str) -> bool:
    """Tell whether a word is a name, misread: letters that look alike are one, long names may miss a letter or two."""
    if word == name:
        return True
    if min(len(word), len(name)) < 4:
        return False
    most = 0 if len(name) < 5 else 1 if len(name) < 8 else 2
    one, other = skeleton(word), skeleton(name)
    return one == other or (most > 0 and misspells(one, other, most))


def _letters(text: str) -> list[str]:
    """Return the words of a text; figures inside a word are misread letters."""
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", fold(text))
    return [word for word in words if sum(map(str.isalpha, word)) * 2 > len(word)]


def _header_words(dataset: Dataset) -> Iterator[str]:
    for name in _CODED:
        value = dataset.get(name)
        for each in value if isinstance(value, list) or hasattr(value, "append") else [value]:
            if each:
                yield from _letters(str(each))
                yield fold(str(each))


def _in_prose(text: str) -> str | None:
    """Return what a sentence of innocent words gives away all the same: an address, a town, an event."""
    from sosie.notes.identify import find

    for code in LANGUAGES:
        language = load(code)
        found = [span for span in find(text, language) if span.label.direct]
        if found:
            return str(found[0].label.value)
    return None
