"""What people live by: occupations that a word announces, that a name bears, or that a list of occupations holds.

The words of a text and the names found in it come in, spans leave. An occupation runs on through what it is of and
where it is done (``soudeur à l'arsenal``). Those of the wards (``infirmière``) are mostly parts that people play in the
note: they count only where something says that a patient lives by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sosie.notes.document import Label, Span
from sosie.notes.identify.people import WRAPPED
from sosie.notes.identify.words import Kind, Words
from sosie.notes.languages import Language

_BEING = re.compile(r"[ ](?:est|etait|fut|is|was)[ ](?:une?[ ]|an?[ ])?")
_LINK = re.compile(r"[ ]\n?|\n|'|[ ]?-[ ]?")
_COUNTED = re.compile(r"[ ]\d{1,3}(?![\d/.,]|[ ]?(?:ans|mois|jours|h\b|mg|%))")
_PHRASES = 3
"""How many phrases after a name are read as said of it."""
_LONGEST = 9
_ENDS = Kind.TITLE | Kind.KIN | Kind.STOP


@lru_cache
def _listed(code: str) -> re.Pattern[str]:
    from sosie.notes.languages import load

    language = load(code)
    jobs = language.gazetteer("professions") | language.vocabulary("professions") | language.vocabulary("jobs")
    forms = "|".join(re.escape(job).replace(r"\ ", r"\s{1,2}") for job in sorted(jobs, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{forms})(?![\w-])")


class Occupations:
    """Finds occupations in the words of one text.

    Parameters
    ----------
    words : Words
    language : Language
    ends : sequence of int
        Where names of people end, sorted.
    taken : sequence of pair of int
        What is a name or an address already.
    """

    def __init__(
        self, words: Words, language: Language, ends: Sequence[int], taken: Sequence[tuple[int, int]] = ()
    ) -> None:
        self.words, self.language, self.ends = words, language, ends
        self._at = {word.start: index for index, word in enumerate(words.items)}
        self._taken = {start for start, _ in taken}
        self._jobs = _listed(language.code)
        self._links = language.vocabulary("job_links")
        self._accents = not words.shouted and not words.view.text.isascii()
        self._heads = language.vocabulary("job_heads")
        self._places = language.vocabulary("job_places")
        self._never = language.vocabulary("job_endings_barred")
        self._before = language.vocabulary("job_before_words")
        self._leads = language.vocabulary("job_leads")
        self._stops = language.vocabulary("job_stops")
        self._barred = language.vocabulary("job_barred")
        self._adjectives = language.vocabulary("job_adjectives")
        self._verbs = language.vocabulary("verbs_after_names")

    def find(self) -> Iterator[Span]:
        """Yield occupations."""
        yield from self._announced()
        yield from self._borne()
        yield from self._free()

    def _announced(self) -> Iterator[Span]:
        for match in self.words.matches(self.language, "profession"):
            for group in ("v", "v2"):
                if group in match.re.groupindex and match[group]:
                    yield Span(*match.span(group), Label.PROFESSION, 0.7, "rule:profession")
        for match in self.words.matches(self.language, "job_after"):
            yield from self._read(match.end(), sure=True)
        for match in self.words.matches(self.language, "former"):
            yield from self._read(match.end(), sure=False)
        for match in self.words.matches(self.language, "job_phrase"):
            index = self._at.get(match.start())
            if index is not None and match.start() not in self._taken:
                yield self._span(index, self.words.items[index].end)
        for match in self.words.matches(self.language, "being"):
            yield from self._said(match.end())
        for match in self.words.matches(self.language, "job_before"):
            yield Span(*match.span(match.lastgroup or 0), Label.PROFESSION, 0.7, "rule:profession")

    def _read(self, offset: int, *, sure: bool) -> Iterator[Span]:
        """Yield the occupation that begins at an offset: any noun where it is sure, else one of the lists."""
        index = self._at.get(offset)
        listed = self._jobs.match(self.words.view.folded, offset)
        if index is None and listed and self.words.view.folded[offset - 1] == "-":
            # "ex-dentellière" is one word.
            yield Span(*listed.span(), Label.PROFESSION, 0.7, "rule:profession")
        if index is None or offset in self._taken:
            return
        word = self.words.items[index]
        if not listed and not word.kind & Kind.JOB and not (sure and not word.kind & (Kind.STOP | Kind.TITLE)):
            return
        yield self._span(index, listed.end() if listed else word.end)

    def _said(self, offset: int) -> Iterator[Span]:
        """Yield what someone is said to be, by a noun made as those of occupations: ``il est veilleur au port``."""
        index = self._at.get(offset)
        if index is None or offset in self._taken:
            return
        word = self.words.items[index]
        made = self.language.compiled("job_ending").search(word.folded) and word.folded not in self._never
        leads = index + 1 < len(self.words.items) and self._links_on(index + 1)
        if leads and (word.folded in self._heads or (made and not word.kind & (Kind.MEDICAL | Kind.STOP))):
            yield self._span(index, word.end)

    def _span(self, index: int, least: int) -> Span:
        items = self.words.items
        start, end = items[index].start, max(items[self._extent(index) - 1].end, least)
        if index and items[index - 1].folded in self._before and self.words.before(index) == " ":
            start = items[index - 1].start
        counted = _COUNTED.match(self.words.view.folded, end)
        end = counted.end() if counted else end
        resting = self.language.compiled("job_rest").match(self.words.view.folded, end)
        return Span(start, resting.end() if resting else end, Label.PROFESSION, 0.7, "rule:profession")

    def _extent(self, start: int) -> int:
        """Return the index after an occupation: its noun, adjectives, and what it is of, in or at."""
        items, content = self.words.items, 0
        linked = items[start].folded in self._leads
        end = index = start + 1
        while index < len(items) and index - start < _LONGEST and self._goes_on(index):
            word = items[index]
            if self._links_on(index):
                linked, content = True, 0
            elif word.folded in self._stops or word.folded in self._verbs or word.kind & _ENDS:
                break
            elif linked and content < 1 + (self.words.before(index) != " " or items[index - 1].kind & Kind.COMMON > 0):
                content, end = content + 1, index + 1
            elif not linked and word.folded in self._adjectives:
                end = index + 1
            else:
                break
            index += 1
        return end

    def _goes_on(self, index: int) -> bool:
        """Tell whether a word stands right after the previous one, or in the next line of a text that was wrapped."""
        gap, text = self.words.before(index), self.words.view.folded
        if not _LINK.fullmatch(gap):
            return False
        cut = text.rfind("\n", 0, self.words.items[index].start)
        return "\n" not in gap or cut - (text.rfind("\n", 0, cut) + 1) >= WRAPPED

    def _links_on(self, index: int) -> bool:
        """Tell whether a word leads on to what an occupation is of: ``à`` does, ``a`` does not."""
        word = self.words.items[index]
        if word.folded == "a" and self._accents and self.words.view.text[word.start] == "a":
            return False
        return word.folded in self._links or (len(word.folded) == 1 and self.words.after(index).startswith("'"))

    def _opens(self, index: int) -> bool:
        """Tell whether a noun that may be an occupation opens a phrase and goes on: ``(gardien au port)``."""
        items = self.words.items
        return (
            items[index].folded in self._heads
            and self.words.before(index).strip(" \n") in ("(", ",", ";", '("')
            and index + 1 < len(items)
            and items[index + 1].folded in self._places
            and self._links_on(index + 1)
        )

    def _borne(self) -> Iterator[Span]:
        """Yield what a name is said to be, with its age or without: ``M. Le Goff, 41 ans, facteur à Auray,``."""
        text = self.words.view.folded
        head, more = self.language.compiled("apposition"), self.language.compiled("apposition_more")
        eventful = self.language.compiled("eventful")
        for end in self.ends:
            being = _BEING.match(text, end)
            job = self._jobs.match(text, being.end()) if being else None
            if job:
                yield Span(job.start(), job.end(), Label.PROFESSION, 0.7, "rule:profession")
            match, read = head.match(text, end), 0
            aged = bool(match and match["age"])
            while match and read < _PHRASES:
                read += 1
                phrase = match["v"]
                if phrase.split()[0] in self._verbs:
                    break
                if eventful.search(phrase):
                    yield Span(match.start("v"), match.end("v"), Label.EVENT, 0.75, "apposition")
                elif self._is_job(phrase, aged=aged):
                    yield Span(match.start("v"), match.end("v"), Label.PROFESSION, 0.7, "apposition")
                match = more.match(text, match.end("v"))

    def _is_job(self, phrase: str, *, aged: bool) -> bool:
        """Tell whether a phrase is an occupation: it starts with one, or with one word before it."""
        found = self._jobs.search(phrase)
        if not found or len(phrase[: found.start()].split()) > 1:
            return False
        return aged or found[0].split()[0] not in self.language.vocabulary("care_jobs")

    def _free(self) -> Iterator[Span]:
        """Yield occupations of the list that nothing announces: ``(façadier, AT)``, ``Éleveur de chèvres, marié``."""
        items = self.words.items
        for index, word in enumerate(items):
            if word.start in self._taken or not (word.kind & Kind.JOB or self._opens(index)):
                continue
            if index and items[index - 1].folded in self._barred and self.words.before(index) in (" ", "'", "\n"):
                continue
            if word.capital and not self.words.shouted and not self.words.opens_sentence(index):
                continue
            if self.words.after(index).lstrip(" ").startswith(":"):
                continue
            after = index + 1
            if after < len(items) and items[after].start in self._taken and self.words.after(index) == " ":
                continue
            yield self._span(index, word.end)
