"""Towns, postcodes, addresses and hospitals of one patient's notes, and those that stand for them.

A town becomes a town of the same class of size, its postcode one of that town's. Of an address and of a hospital, the
words that say of what kind it is stay (``rue``, ``CHU``), numbers and names change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sosie.names import fold
from sosie.notes.redact.layout import like, plain, poured
from sosie.notes.redact.words import Town, Words
from sosie.pseudonyms import Pseudonyms

Choice = TypeVar("Choice")

POSTCODE = 5
TRIES = 60

_CEDEX = re.compile(r"\s+cedex\b.*$", re.IGNORECASE | re.DOTALL)
_REGION = re.compile(r"\s*,.*$|(?<=[a-z])\s+(?![IVX]+$)[A-Z]{2,3}$", re.DOTALL)
"""What follows a town and names a state or county: it stays."""
_WORD = re.compile(r"[^\W_]+")
_ARTICLES = frozenset(["de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux"])
_VOWELS = frozenset("aeiouyh")


@dataclass
class Places:
    """The places of one patient's notes."""

    key: str
    pseudonyms: Pseudonyms
    words: Words
    real: set[str] = field(default_factory=set)
    """Folded names of the towns, and postcodes, that were found: none may stand for another."""
    _towns: dict[str, Town] = field(default_factory=dict)
    _postcodes: dict[str, str] = field(default_factory=dict)

    def learn(self, town: str) -> None:
        """Take note of a town that was found."""
        self.real.add(fold(_CEDEX.sub("", _REGION.sub("", town))))

    def learn_postcode(self, text: str) -> None:
        """Take note of a postcode that was found."""
        self.real.add(_digits(text))

    def town(self, text: str) -> str:
        """Return the town that stands for a town."""
        end = _CEDEX.search(text)
        region = None if end else _REGION.search(text)
        if region is not None and region.start():
            return self.town(text[: region.start()]) + region[0]
        name, rest = (text[: end.start()], end[0]) if end else (text, "")
        known = self.words.known.get(fold(name))
        new = self._town(fold(name)).name
        if name.isascii() and known is not None and not known.name.isascii():
            new = plain(new)
        return like(name, new) + poured(rest, self._number(rest, self._stream("cedex", text)))

    def postcode(self, text: str, town: str | None = None) -> str:
        """Return a postcode of the town that stands for the town beside it, or of any."""
        digits = _digits(text)
        if len(digits) != POSTCODE:
            return self.pseudonyms.surrogate(self.key, "POSTCODE", text)
        if digits not in self._postcodes:
            stream = self._stream("postcode", digits)
            chosen = (
                self._town(fold(_CEDEX.sub("", _REGION.sub("", town)))) if town else _pick(self.words.towns[1], stream)
            )
            offered = [code for code in chosen.postcodes if code != digits and code not in self.real]
            self._postcodes[digits] = _pick(offered, stream) if offered else f"{(int(digits) + 10) % 96000:05d}"
        return poured(text, self._postcodes[digits])

    def address(self, text: str) -> str:
        """Return an address of the same kind, with other numbers and another name."""
        stream = self._stream("address", fold(text))
        suffixed = not self.words.street.endswith("{name}")
        runs = _runs(text, self.words.street_words, opening=True, suffixed=suffixed)
        new = _replaced(text, runs, lambda run: like(run, _pick(self.words.streets, stream)))
        numbered = re.sub(r"\d+", lambda number: self._number(number[0], stream), new)
        if fold(numbered) != fold(text):
            return numbered
        return like(text, self.words.unnumbered.format(name=_pick(self.words.streets, stream)))

    def hospital(self, text: str) -> str:
        """Return a hospital of the same kind, with another name or in another town."""
        runs = _runs(text, self.words.hospital_words, opening=False)
        new = _replaced(text, [(self._article(text, start), end) for start, end in runs], self._facility)
        if fold(new) != fold(text):
            return new
        return like(text, self.words.hospital.format(name=self._name(fold(text))))

    def _facility(self, run: str) -> str:
        opened = re.match(r"(?:(?:d['’]|de(?=\s))\s*)", run, re.IGNORECASE)
        name = run[opened.end() :] if opened else run
        if fold(name) not in self.words.known:
            return like(run, self._name(fold(run), bare=opened is None and run[:1].isupper()))
        town = like(name, self._town(fold(name)).name)
        if opened is None:
            return town
        elided = fold(town)[:1] in _VOWELS
        return like(opened[0], "d'" if elided else "de ") + town

    def _article(self, text: str, start: int) -> int:
        """Return where the articles before a name begin: the name that replaces it brings its own."""
        for word in reversed(list(_WORD.finditer(text[:start]))):
            if fold(word[0]) not in _ARTICLES or not re.fullmatch(r"['’\s]*", text[word.end() : start]):
                break
            start = word.start()
        return start

    def _name(self, same: str, *, bare: bool = True) -> str:
        """Return the name of a hospital, a bare one where no article came before."""
        stream = self._stream("hospital", same)
        offered = [name for name in self.words.hospitals if name[0].isupper() or not bare]
        for _ in range(TRIES):
            name = _pick(offered, stream)
            if fold(name) not in same and same not in fold(name):
                break
        return name

    def _town(self, same: str) -> Town:
        if same not in self._towns:
            known = self.words.known.get(same)
            sizes = sorted(self.words.towns, key=lambda size: abs(size - (known.size if known else 0)))
            pool, stream = self.words.towns[sizes[0]], self._stream("town", same)
            for _ in range(TRIES):
                town = _pick(pool, stream)
                named = fold(town.name)
                if named != same and named not in self.real and self.real.isdisjoint(town.postcodes):
                    break
            self._towns[same] = town
        return self._towns[same]

    def _number(self, digits: str, stream: Iterator[int]) -> str:
        """Return a number of as many digits, without a zero in front, and another one."""
        new = digits
        while new == digits and any(character.isdigit() for character in digits):
            new = "".join(str(1 + next(stream) % 9) for character in digits if character.isdigit())
        return new

    def _stream(self, use: str, same: str) -> Iterator[int]:
        return self.pseudonyms.stream(self.key, use, same)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _runs(text: str, kept: frozenset[str], *, opening: bool, suffixed: bool = False) -> list[tuple[int, int]]:
    """Return where the names stand: the longest runs of words that do not say the kind of a place.

    Parameters
    ----------
    text : str
    kept : frozenset of str
        Folded words of kinds.
    opening : bool
        Whether such a word ends no run: the street of a park is called after it.
    suffixed : bool
        Whether such a word may close a run (``Baker Street``).
    """
    runs: list[list[re.Match[str]]] = []
    at = 0
    for word in _WORD.finditer(text):
        apart = re.search(r"[^\s'’\-.]", text[at : word.start()]) is not None
        running = bool(runs) and runs[-1][-1].end() == at and not apart
        at = word.end()
        number = any(character.isdigit() for character in word[0])
        if number or (fold(word[0]) in kept and not (opening and running)):
            continue
        if running:
            runs[-1].append(word)
        else:
            runs.append([word])
    for run in runs:
        while suffixed and len(run) > 1 and fold(run[-1][0]) in kept:
            run.pop()
    return [(run[0].start(), run[-1].end()) for run in runs]


def _replaced(text: str, runs: Sequence[tuple[int, int]], replacement: Callable[[str], str]) -> str:
    pieces, at = [], 0
    for start, end in runs:
        pieces += [text[at:start], replacement(text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])


def _pick(choices: Sequence[Choice], stream: Iterator[int]) -> Choice:
    return choices[(next(stream) << 8 | next(stream)) % len(choices)]
