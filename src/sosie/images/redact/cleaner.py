"""Cleans one instance after another: its header, its file meta information, what its private blocks and documents hold.

The same secret gives the same patient, the same dates and the same UIDs in every instance of every batch.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sosie.images import charset
from sosie.images.finding import TagFinding
from sosie.images.identify import Identifiers, Person, identifiers
from sosie.images.identify.collect import compact, day
from sosie.images.redact import documents, graphics, guesses, marks
from sosie.images.redact.case import Case
from sosie.images.redact.elements import Elements
from sosie.images.redact.profile import Profile
from sosie.names import LANGUAGES, Kind, units
from sosie.notes import languages
from sosie.pseudonyms import NAMES, Pseudonyms
from sosie.stream import NOTHING, Fact, Knowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset

CASES = 64
"""Headers whose replacements are kept at hand: those of a series share one."""


@dataclass
class Cleaner:
    """Cleans instances.

    Parameters
    ----------
    profile : Profile
    pseudonyms : Pseudonyms
    knowledge : Knowledge
        What the tables know of the patients.
    language : str
        Code of the language of descriptors.
    reads : callable, optional
        Tells whether an overlay plane holds text; without it no plane stays.
    """

    profile: Profile
    pseudonyms: Pseudonyms = field(repr=False)
    knowledge: Knowledge = field(default=NOTHING, repr=False)
    language: str = LANGUAGES[0]
    reads: graphics.Reads | None = None
    _cases: OrderedDict[tuple[str, Identifiers], Case] = field(default_factory=OrderedDict, init=False, repr=False)

    def clean(
        self,
        dataset: Dataset,
        *,
        known: Identifiers | None = None,
        pixels: bool | None = None,
        faces: bool | None = None,
    ) -> list[TagFinding]:
        """Clean a dataset in place and return what was found.

        Parameters
        ----------
        dataset : Dataset
        known : Identifiers, optional
            Of the dataset, where they were read before.
        pixels, faces : bool, optional
            Whether text and faces in the pixels were removed before; by default what the profile says.
        """
        from pydicom.config import disable_value_validation

        with disable_value_validation():
            return self._cleaned(dataset, identifiers(dataset) if known is None else known, pixels, faces)

    def _cleaned(
        self, dataset: Dataset, known: Identifiers, pixels: bool | None, faces: bool | None
    ) -> list[TagFinding]:
        case = self._case(dataset, known)
        elements = Elements(self.profile, case, str(dataset.get("SOPClassUID", "")))
        findings = elements.findings
        graphics.clean(dataset, self.reads if self.profile.clean_graphics else None, findings)
        reads = self.profile.clean_descriptors or self.profile.clean_structured_content
        documents.clean(dataset, case, reads, findings)
        elements.clean(dataset)
        marks.clean_file(dataset, findings)
        done = (self.profile.clean_pixel_data, self.profile.clean_recognizable_visual_features)
        marks.tell(dataset, self.profile, done[0] if pixels is None else pixels, done[1] if faces is None else faces)
        if elements.wide:
            charset.fit(dataset)
        return findings

    def patient(self, dataset: Dataset) -> str:
        """Return the patient key of an instance: the patient's number, else name and birth date, else the study."""
        number = str(dataset.get("PatientID", "") or "").strip()
        if number:
            return number
        name = compact(str(dataset.get("PatientName", "") or ""))
        if name:
            return f"{name} {dataset.get('PatientBirthDate', '') or ''}".strip()
        return str(dataset.get("StudyInstanceUID", "") or "unknown")

    def _case(self, dataset: Dataset, found: Identifiers) -> Case:
        key = self.patient(dataset)
        found = _with_facts(found, self.knowledge.facts.get(key, ()))
        found = replace(found, people=found.people | guesses.people(dataset))
        if self.profile.retain_institution_identity:
            found = replace(found, institutions=frozenset())
        case = self._cases.get((key, found))
        if case is None:
            pseudonyms = replace(self.pseudonyms, language=self.language)
            language = languages.load(self.language)
            moves = self.profile.dates == "modified_dates"
            case = self._cases[key, found] = Case(key, found, pseudonyms, self.knowledge, language, moves)
            if len(self._cases) > CASES:
                self._cases.popitem(last=False)
        self._cases.move_to_end((key, found))
        return case


def _with_facts(found: Identifiers, facts: Sequence[Fact]) -> Identifiers:
    """Add what the tables know of the patient to what the header says."""
    if not facts:
        return found
    named = [unit for fact in facts if fact.label in NAMES for unit in units(fact.value, fact.label)]
    person = Person(
        tuple(unit.text for unit in named if unit.kind is Kind.LAST),
        tuple(unit.text for unit in named if unit.kind is Kind.FIRST),
        True,
    )
    born = next((day(fact.value) for fact in facts if fact.label == "BIRTH_DATE"), None)
    others = {
        compact(fact.value)
        for fact in facts
        if fact.label not in (*NAMES, "BIRTH_DATE", "ADDRESS", "CITY", "POSTCODE")
        and sum(character.isdigit() for character in fact.value) >= 5
    }
    return replace(
        found,
        people=found.people | {person} if named else found.people,
        numbers=found.numbers | others,
        addresses=found.addresses | {fact.value.casefold() for fact in facts if fact.label == "ADDRESS"},
        born=found.born or born,
    )
