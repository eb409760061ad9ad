"""Runs a language's patterns over a text, with their checks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Span
from sosie.notes.identify.checks import CHECKS
from sosie.notes.identify.view import View
from sosie.notes.languages import Language, Rule


def find(view: View, language: Language) -> Iterator[Span]:
    """Yield what the rules of a language find in a view."""
    text = view.folded
    for rule in language.rules:
        if rule.triggers and not any(trigger in text for trigger in rule.triggers):
            continue
        groups = tuple(name for name in ("v", "v2", "v3") if name in rule.pattern.groupindex)
        for match in _matches(rule, view):
            for group in groups:
                start, end = match.span(group)
                if start < 0:
                    continue
                trust = CHECKS[rule.check](text[start:end], view.text[start:end]) if rule.check else 1.0
                if trust:
                    yield Span(start, end, rule.label, rule.score * trust, f"rule:{rule.name}")


def _matches(rule: Rule, view: View) -> Iterator[re.Match[str]]:
    text = view.text if rule.written else view.folded
    if rule.after is not None:
        return _led(rule, rule.after, view, text)
    if rule.anchor == "capital":
        return view.at_capitals(rule.pattern)
    if rule.anchor == "figure":
        return view.at_figures(rule.pattern, text)
    if rule.begins:
        return view.at_letters(rule.pattern, rule.begins)
    if rule.anchor:
        return view.around(rule.pattern, rule.anchor)
    return rule.pattern.finditer(text)


def _led(rule: Rule, after: re.Pattern[str], view: View, text: str) -> Iterator[re.Match[str]]:
    for head in after.finditer(view.folded):
        match = rule.pattern.match(text, head.end())
        if match:
            yield match
