"""Names that something announces: a title (``Dr``), a label (``Patient :``), a relative (``sa fille``), a signature.

Words come in, spans of names leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosie.notes.document import Label, Span
from sosie.notes.identify.people import Grammar
from sosie.notes.identify.words import NAMED, Kind, Words
from sosie.notes.languages import Language

_AFTER_TITLE = re.compile(r"\.?[ ]{0,3}|\.?[ ]?:[ ]?|\.?\([es]{1,2}\)[ ]?|[ ]?\n[ ]?")
_MORE = re.compile(r"[ ]*[,;/&+][ ]*|[ ]+-[ ]+|[ ]*\n[ ]*-?[ ]*")
_TERM = Kind.COMMON | Kind.MEDICAL | Kind.EPONYM | Kind.ACRONYM
_NUMBER = re.compile(r"[ ]{1,2}[(]?\d")
_ABOUT = ("objet", "re:", "subject")
_END = re.compile(r"[ ]*(?:\n|$)")
_COMMA_AND_END = re.compile(r"[ ]*,?[ ]*(?:\n|$)")
_ROW_END = re.compile(r"[ ]*(?:\n|$)|[ ]{1,3}[\d(-]|[ ]?[,;|¦-]")


def find(words: Words, grammar: Grammar, language: Language) -> Iterator[Span]:
    """Yield the names that a title, a label or a relative announces."""
    yield from _titled(words, grammar, language)
    yield from _labelled(words, grammar, language)
    yield from _rows(words, grammar)
    yield from _relatives(words, grammar)


def _titled(words: Words, grammar: Grammar, language: Language) -> Iterator[Span]:
    weak = language.vocabulary("weak_titles")
    for index, word in enumerate(words.items[:-1]):
        if not word.kind & Kind.TITLE or not _AFTER_TITLE.fullmatch(words.after(index)):
            continue
        following = words.items[index + 1]
        if "\n" in words.after(index) and not (grammar.wrapped(index + 1) and (following.capital or following.foreign)):
            continue
        if word.folded in weak and not _sure(words, index):
            continue
        # A long title with a dot ends a sentence: "she saw her sister. Former smoker".
        if word.folded in weak and len(word.folded) > 4 and words.after(index).startswith("."):
            continue
        if (
            following.kind & Kind.TITLE
            and len(following.folded) > 1
            and not (following.kind & NAMED and following.shape == "U")
        ):
            continue
        if ":" in words.after(index) and following.kind & _TERM and not following.kind & NAMED:
            continue
        if word.folded in ("m", "mm") and re.search(r"\d[ ]?$", words.before(index)):
            continue
        if len(following.folded) == 1 and not grammar.initial(index + 1) and not grammar.particle(index + 1):
            end = _bare(words, grammar, index + 1)
            if end > index + 2:
                yield Span(following.start, following.end, Label.FIRST_NAME, 0.9, "title")
                yield from grammar.spans(index + 2, end, 0.9, "title", Label.LAST_NAME)
            continue
        end = grammar.read(index + 1)
        if word.folded == "m" and end > index + 1 and _alone(words, index, end):
            yield Span(word.start, word.end, Label.FIRST_NAME, 0.5, "title")
        yield from grammar.spans(index + 1, end, 0.95, "title", Label.LAST_NAME if end - index == 2 else None)
        yield from _further(words, grammar, end, "title")


def _alone(words: Words, start: int, end: int) -> bool:
    """Tell whether a name fills its line, as a signature does: there ``M`` may be an initial."""
    before = words.before(start)
    return (start == 0 or before.rstrip(" ").endswith("\n")) and words.followed(end - 1, _END)


def _bare(words: Words, grammar: Grammar, index: int) -> int:
    """Return the index after an initial in small letters without its dot, and its surname: ``dr l feraud``."""
    if index + 1 >= len(words.items) or words.between(index, index + 1) != " ":
        return index
    word = words.items[index + 1]
    if not (word.foreign or (word.kind & NAMED and not word.kind & Kind.STOP) or grammar.particle(index + 1)):
        return index
    return grammar.read(index + 1)


def _sure(words: Words, index: int) -> bool:
    """Tell whether a short or common title is one: a capital of its own, and one after it or an initial."""
    word, following = words.items[index], words.items[index + 1]
    dotted = words.after(index).startswith(".")
    if words.shouted:
        if len(word.folded) < 3:
            return (
                dotted
                or len(following.folded) == 1
                or bool(following.foreign or following.kind & (NAMED | Kind.EPONYM))
            )
        return bool(following.foreign or (following.kind & Kind.LAST and not following.kind & Kind.STOP))
    if word.shape in "IUT":
        return following.capital or bool(
            following.foreign or following.kind & (NAMED | Kind.EPONYM) or len(following.folded) == 1
        )
    return (len(word.folded) > 2 and following.capital and not following.kind & Kind.ROLE) or (
        dotted and bool(following.foreign or following.kind & NAMED)
    )


def _further(words: Words, grammar: Grammar, index: int, detector: str, hint: Label | None = None) -> Iterator[Span]:
    """Yield the further names of a list: ``Dr X, Y et Z``."""
    while 0 < index < len(words.items):
        start = index
        gap = words.before(start)
        if (
            words.items[start].folded in ("et", "and", "ou")
            and start + 1 < len(words.items)
            and gap.strip() in ("", ",")
        ):
            start += 1
            gap = words.before(start)
        elif not _MORE.fullmatch(gap) or "\n" in gap:
            return
        word = words.items[start]
        if (
            word.kind & (Kind.TITLE | Kind.ROLE | Kind.STOP)
            or not (word.capital or words.lowered)
            or not (word.foreign or word.kind & NAMED or word.shape == "I")
            or ((words.shouted or words.lowered) and not word.foreign and not word.kind & Kind.LAST)
            or gap.strip() not in ("", ",", ";", "/", "&", "-")
        ):
            return
        end = grammar.read(start, expected=words.lowered, small=words.lowered)
        if end == start or _place(words, start, end):
            return
        yield from grammar.spans(start, end, 0.8, detector, hint)
        index = end


def _place(words: Words, start: int, end: int) -> bool:
    """Tell whether what follows a name and a comma is a town: ``Dr Le Goff, Vannes``."""
    return end - start == 1 and bool(words.items[start].kind & Kind.CITY) and not words.items[start].kind & Kind.FIRST


def _labelled(words: Words, grammar: Grammar, language: Language) -> Iterator[Span]:
    for name, hint in (
        ("label_full_name", None),
        ("label_last_name", Label.LAST_NAME),
        ("label_first_name", Label.FIRST_NAME),
        ("label_author", None),
        ("label_role", None),
        ("label_greeting", None),
    ):
        for match in words.matches(language, name):
            index = words.index(match.end())
            if index is None:
                continue
            shortest = 1 if name in ("label_author", "label_role") else 0
            while (
                index < len(words.items) - 1
                and words.items[index].kind & Kind.TITLE
                and shortest < len(words.items[index].folded) < 13
                and _AFTER_TITLE.fullmatch(words.after(index))
            ):
                index += 1
            strict = name in ("label_author", "label_role", "label_greeting")
            if (
                strict
                and words.items[index].kind & Kind.STOP
                and len(words.items[index].folded) > 1
                and not grammar.particle(index)
            ):
                continue
            if match[0].startswith(_ABOUT) and not _person(words, index, match.end()):
                continue
            if name == "label_greeting" and not _ends_line(words, grammar.read(index)):
                continue
            if strict and not (
                words.items[index].capital
                or words.items[index].foreign
                or words.items[index].kind & Kind.FIRST
                or grammar.initial(index)
                or grammar.particle(index)
            ):
                continue
            end = grammar.read(index, expected=name != "label_author" or ":" in match[0])
            if end == index:
                continue
            last = end
            # "NOM, Prénom": what follows the comma is the first name.
            if (
                end < len(words.items)
                and re.fullmatch(r"[ ]?,[ ]?", words.before(end))
                and hint is not Label.FIRST_NAME
                and not strict
            ):
                last = grammar.read(end, small=not words.items[index].capital)
                if last > end:
                    yield from grammar.spans(index, end, 0.95, "header", Label.LAST_NAME)
                    yield from grammar.spans(end, last, 0.95, "header", Label.FIRST_NAME)
                    continue
            single = hint if hint is not Label.LAST_NAME or end - index == 1 else None
            if name == "label_full_name" and end - index == 1:
                single = Label.LAST_NAME
            yield from grammar.spans(index, end, 0.95, "header", single)
            if strict:
                yield from _further(words, grammar, end, "header")


def _person(words: Words, index: int, after: int) -> bool:
    """Tell whether what a letter is about is someone: a title came before, or a name with a capital."""
    word = words.items[index]
    return word.start > after or (word.capital and bool(word.kind & NAMED or word.foreign) and not word.medical)


def _ends_line(words: Words, index: int) -> bool:
    return index > 0 and words.followed(index - 1, _COMMA_AND_END)


def _rows(words: Words, grammar: Grammar) -> Iterator[Span]:
    """Yield the names that open a line as in a register: ``LE GOFF, Yann``."""
    for index, word in enumerate(words.items[:-1]):
        if (word.shape != "U" and not (words.lowered and word.foreign)) or (
            index and not re.search(r"(?:\n|[ ]{2}|\d)[ *•-]*$", words.before(index))
        ):
            continue
        if word.kind & (Kind.ROLE | Kind.STOP | Kind.TITLE | Kind.ACRONYM) and not word.kind & Kind.PARTICLE:
            continue
        comma = index + 1
        while comma < len(words.items) and comma - index < 4 and grammar.joined(comma):
            comma += 1
        if comma >= len(words.items) or not re.fullmatch(r",[ ]{1,2}", words.before(comma)):
            continue
        first = words.items[comma]
        if (
            not (first.capital or words.lowered)
            or first.kind & (Kind.ROLE | Kind.TITLE | Kind.STOP)
            or not (first.foreign or first.kind & NAMED)
            or (first.shape == "I" and not grammar.initial(comma))
        ):
            continue
        end = grammar.read(comma)
        if end > comma and words.followed(end - 1, _ROW_END):
            yield from grammar.spans(index, comma, 0.85, "row", Label.LAST_NAME)
            repeated = words.items[comma].folded == word.folded
            yield from grammar.spans(comma, end, 0.85, "row", None if repeated else Label.FIRST_NAME)


def _relatives(words: Words, grammar: Grammar) -> Iterator[Span]:
    """Yield the names of relatives: ``son fils Anis``, ``sa mère, Mme Le Goff``."""
    for index, word in enumerate(words.items[:-1]):
        if not word.kind & Kind.KIN or (word.kind & Kind.TITLE and word.shape == "U"):
            continue
        start = index + 1
        gap = words.before(start)
        if not re.fullmatch(r"[ ]{0,2}[,(:]?[ ]?\n?", gap):
            continue
        following = words.items[start]
        plain = gap.strip() == ""
        if following.capital and not words.shouted:
            if following.kind & (Kind.STOP | Kind.ROLE | Kind.TITLE | Kind.ACRONYM):
                continue
            end = grammar.read(start, small=False)
        elif (
            plain
            and (
                following.foreign
                or (
                    following.kind & Kind.FIRST
                    and len(following.folded) > 2
                    and (words.lowered or not following.kind & Kind.COMMON or words.followed(start, _NUMBER))
                    and not following.kind & (Kind.STOP | Kind.ROLE)
                )
            )
            and not (following.medical and following.kind == 0)
        ) or (plain and words.shouted and following.kind & Kind.FIRST and not following.kind & (Kind.STOP | Kind.ROLE)):
            end = grammar.read(start)
        else:
            continue
        yield from grammar.spans(start, end, 0.85, "relative", Label.FAMILY)
