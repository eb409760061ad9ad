"""What one language knows: names of labels, word lists, vocabulary of the parsers, patterns.

A folder with ``language.toml``, ``rules.toml`` and ``lists/`` comes in; a `Language` leaves. A further language is a
further folder: nothing here names one.
"""

from __future__ import annotations

import lzma
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from sosie.notes.document import Label
from sosie.notes.languages.folding import fold

_MACRO = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Rule:
    """A pattern over folded text.

    Parameters
    ----------
    name : str
        Published as the detector ``rule:name``.
    label : Label
    pattern : re.Pattern
        Its group ``v`` is the value, or the whole match where there is none; groups ``v2``, ``v3`` are further values.
    score : float
        Confidence; where two spans overlap the surer one wins.
    check : str
        Name of the arithmetic that the value must pass, if any.
    triggers : tuple of str
        One of them stands in any text that is worth searching; empty for all texts.
    anchor : str
        ``figure`` or ``capital`` where a match starts with a number or a word's capital, or a character that any match
        holds: only these places are tried.
    written : bool
        Whether the pattern reads the text as it is written: capitals tell, and codes that mix letters and figures are
        not taken for a scanner's errors.
    after : re.Pattern, optional
        What leads to the value, in the folded text: the pattern is tried only where this one ends.
    begins : str
        The letters with which a match starts, where it starts with a word: only words that do are tried.
    """

    name: str
    label: Label
    pattern: re.Pattern[str]
    score: float
    check: str = ""
    triggers: tuple[str, ...] = ()
    anchor: str = ""
    written: bool = False
    after: re.Pattern[str] | None = None
    begins: str = ""


@dataclass(frozen=True)
class Language:
    """One language.

    Parameters
    ----------
    code : str
        ISO 639-1.
    published : mapping of Label to str
        How findings name each label.
    rules : tuple of Rule
    """

    code: str
    published: Mapping[Label, str]
    rules: tuple[Rule, ...]
    _vocabulary: Mapping[str, frozenset[str]] = field(repr=False)
    _lists: Traversable = field(repr=False)
    _patterns: Mapping[str, str] = field(repr=False)
    _columns: Mapping[str, Label] = field(repr=False)
    _numbers: Mapping[str, float] = field(default_factory=dict, repr=False)
    _begins: Mapping[str, str] = field(default_factory=dict, repr=False)
    _loaded: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _compiled: dict[str, re.Pattern[str]] = field(default_factory=dict, repr=False, compare=False)

    def gazetteer(self, name: str) -> frozenset[str]:
        """Return a list of folded words by name, empty where the language has none."""
        if name not in self._loaded:
            self._loaded[name] = frozenset(_read(self._lists, name)) | self.vocabulary(name)
        return self._loaded[name]

    def vocabulary(self, name: str) -> frozenset[str]:
        """Return the words that the parsers need (titles, particles, kin ...), by name."""
        return self._vocabulary.get(name, frozenset())

    def column(self, name: str) -> Label | None:
        """Return what a folded column name says of its cells, None where it says nothing that identifies."""
        return self._columns.get(name.strip())

    def number(self, name: str, default: float) -> float:
        """Return a number that the language sets by name, or the default."""
        return self._numbers.get(name, default)

    def pattern(self, name: str) -> str:
        """Return a named piece of pattern, for a parser that builds on it."""
        return self._patterns[name]

    def compiled(self, name: str) -> re.Pattern[str]:
        """Return a named pattern, compiled once; one that the language lacks matches nothing."""
        if name not in self._compiled:
            self._compiled[name] = re.compile(self._patterns.get(name, "(?!)"))
        return self._compiled[name]

    def begins(self, name: str) -> str:
        """Return the letters with which the matches of a named pattern start, empty where they are not told."""
        return self._begins.get(name, "")


def available() -> tuple[str, ...]:
    """Return the codes of the languages that are installed."""
    root = files(__package__ or "sosie.notes.languages")
    return tuple(sorted(folder.name for folder in root.iterdir() if folder.joinpath("language.toml").is_file()))


@cache
def load(code: str) -> Language:
    """Return a language by its code.

    Parameters
    ----------
    code : str
        One of `available`.
    """
    if code not in available():
        raise ValueError(f"unknown language {code!r}: expected one of {', '.join(available())}")
    folder = files(__package__ or "sosie.notes.languages").joinpath(code)
    words = tomllib.loads(folder.joinpath("language.toml").read_text(encoding="utf-8"))
    patterns = tomllib.loads(folder.joinpath("rules.toml").read_text(encoding="utf-8"))
    pieces = _expanded(patterns["pieces"])
    published = {label: words["published"].get(label.name, label.value) for label in Label}
    return Language(
        code=code,
        published=MappingProxyType(published),
        rules=tuple(_rule(row, pieces) for row in patterns["rules"]),
        _vocabulary={name: _split(text) for name, text in words["vocabulary"].items()},
        _lists=folder.joinpath("lists"),
        _patterns=pieces,
        _begins=patterns.get("begins", {}),
        _columns={entry: Label[name] for name, text in words["columns"].items() for entry in _split(text)},
        _numbers=words.get("numbers", {}),
    )


def _expanded(pieces: Mapping[str, str]) -> dict[str, str]:
    """Put pieces into one another, in the order in which they are written."""
    ready: dict[str, str] = {}
    for name, text in pieces.items():
        ready[name] = _MACRO.sub(lambda match: f"(?:{ready[match[1]]})", text)
    return ready


def _rule(row: Mapping[str, Any], pieces: Mapping[str, str]) -> Rule:
    def ready(text: str) -> re.Pattern[str]:
        return re.compile(_MACRO.sub(lambda match: f"(?:{pieces[match[1]]})", text))

    return Rule(
        name=row["name"],
        label=Label[row["label"]],
        pattern=ready(row["pattern"]),
        score=row["score"],
        check=row.get("check", ""),
        triggers=tuple(row.get("triggers", ())),
        anchor=row.get("anchor", ""),
        written=row.get("written", False),
        after=ready(row["after"]) if "after" in row else None,
        begins=row.get("begins", ""),
    )


def _split(text: str) -> frozenset[str]:
    """Return the entries of a text: separated by ``;`` where there is one, else by white space."""
    parts = text.split(";") if ";" in text else text.split()
    return frozenset(fold(" ".join(part.split())) for part in parts if part.strip())


def _read(lists: Traversable, name: str) -> list[str]:
    plain, packed = lists.joinpath(f"{name}.txt"), lists.joinpath(f"{name}.txt.xz")
    if plain.is_file():
        return [fold(word) for word in plain.read_text(encoding="utf-8").split()]
    if not packed.is_file():
        return []
    return lzma.decompress(packed.read_bytes()).decode("utf-8").split("\n")[:-1]
