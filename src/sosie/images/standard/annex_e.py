"""Table E.1-1 of PS3.15 (what each profile and option does with an attribute) and Table E.3.4-1 (with a content item).

A tag, or a coded concept, comes in; its rule leaves: the action of the Basic Profile, and those of the options that say
otherwise. Codes of actions: D dummy value, Z empty or dummy, X remove, K keep, C clean, U another UID.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

REPEATING = {0x50: "50xxxxxx", 0x60: "60xx"}
"""High bytes of the groups that stand for many (curves, overlays)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the standard does with one attribute.

    Parameters
    ----------
    basic : str
        Code of the Basic Profile, with alternatives by the type of the attribute (``X/Z/D``).
    options : mapping of str to str
        Codes of the options that say otherwise, by the names that profiles give them.
    name : str
    """

    basic: str
    options: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def action(self, options: frozenset[str]) -> str:
        """Return the code under some options: what is kept goes before what is cleaned."""
        codes = {self.options[option] for option in options if option in self.options}
        return "K" if "K" in codes else "C" if "C" in codes else self.basic


@cache
def rule(tag: int) -> Rule | None:
    """Return the rule of a public attribute, or None where the table does not name it."""
    known = _attributes()
    found = known.get(f"{tag:08x}")
    if found is None and (high := tag >> 24) in REPEATING and not (tag >> 16) & 1:
        written = REPEATING[high]
        found = known.get(written if len(written) == 8 else f"{written}{tag & 0xFFFF:04x}")
    return found


@cache
def concept_rule(scheme: str, code: str) -> Rule | None:
    """Return the rule of a content item by the code of its concept, or None."""
    return _concepts().get((scheme, code))


@cache
def _attributes() -> Mapping[str, Rule]:
    return {tag: _rule(basic, options, name) for tag, basic, options, name in rows("attributes.tsv")}


@cache
def _concepts() -> Mapping[tuple[str, str], Rule]:
    return {(scheme, code): _rule(basic, options, name) for scheme, code, basic, options, name in rows("content.tsv")}


def _rule(basic: str, options: str, name: str) -> Rule:
    return Rule(basic, dict(each.split("=") for each in options.split()), name)


def rows(name: str) -> list[list[str]]:
    """Return the cells of the lines of a data file."""
    text = files("sosie.images.standard").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]
