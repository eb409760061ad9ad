"""What the elements of FHIR resources identify, and whom references name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sosie.notes.document import Label
from sosie.notes.source import fields
from sosie.notes.source.fields import Person
from sosie.notes.source.jsontext import Leaf, Path

_SKIPPED_NAMES = (
    "resourceType system code status use contentType language unit mode profile versionId url comparator currency "
    "linkId docStatus intent priority gender criticality clinicalStatus verificationStatus"
)
SKIPPED = frozenset(_SKIPPED_NAMES.split())
"""Elements whose values come from closed lists, or name definitions."""
_ELEMENTS: dict[str, Label | Person] = {
    "family": Label.LAST_NAME,
    "given": Label.FIRST_NAME,
    "birthDate": Label.BIRTH_DATE,
    "line": Label.ADDRESS,
    "city": Label.CITY,
    "postalCode": Label.POSTCODE,
    "hash": Label.IDENTIFIER,
}
_NUMBERS: dict[str, Label] = {
    "Patient": Label.PATIENT_NUMBER,
    "Practitioner": Label.PRACTITIONER_NUMBER,
    "PractitionerRole": Label.PRACTITIONER_NUMBER,
    "Organization": Label.FACILITY_NUMBER,
    "Location": Label.FACILITY_NUMBER,
    "Encounter": Label.STAY_NUMBER,
}
_SYSTEMS: tuple[tuple[re.Pattern[str], Label], ...] = (
    (re.compile(r"(?i)1\.2\.250\.1\.213\.1\.4\.|\bnir\b|\bins\b|us-ssn|nhs-number"), Label.NATIONAL_ID),
    (re.compile(r"(?i)1\.2\.250\.1\.71\.4\.2\.1|rpps|adeli|us-npi"), Label.PRACTITIONER_NUMBER),
    (re.compile(r"(?i)finess"), Label.FACILITY_NUMBER),
)
_PLACES = frozenset({"Organization", "Location"})
_PEOPLE = frozenset({"Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person"})
_PEOPLE_ELEMENTS = frozenset({"subject", "patient", "author", "performer", "authenticator", "attester", "recorder"})


@dataclass(frozen=True)
class Identity:
    """The resources of a text, by their identifiers.

    Parameters
    ----------
    types : mapping of str to str
        Type of each resource, by its identifier.
    aliases : mapping of str to str
        Identifier of a resource, by the last step of its full address.
    patient : str, optional
        The only patient of the text, where there is one.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    patient: str | None = None

    @classmethod
    def of(cls, found: Sequence[Leaf]) -> Identity:
        """Gather the identifiers of a text."""
        at = {leaf.path: leaf.value for leaf in found}
        types: dict[str, str] = {}
        aliases: dict[str, str] = {}
        for path, kind in at.items():
            if path[-1:] != ("resourceType",):
                continue
            own = at.get((*path[:-1], "id"))
            address = at.get((*path[:-2], "fullUrl"))
            last = _last(address) if address else None
            for name in filter(None, (own, last)):
                types[name] = kind
            if last:
                aliases[last] = own or last
        patients = {aliases.get(name, name) for name, kind in types.items() if kind == "Patient"}
        return cls(types, aliases, patients.pop() if len(patients) == 1 else None)

    def key(self, reference: str) -> str:
        """Return the identifier that a reference names."""
        last = _last(reference)
        return self.aliases.get(last, last)

    def label(self, reference: str) -> Label:
        """Return what the identifier in a reference is."""
        named = re.search(r"([A-Z][A-Za-z]+)/[^/]+$", reference)
        kind = named[1] if named else self.types.get(_last(reference), "")
        return _NUMBERS.get(kind, Label.IDENTIFIER)


def label_of(steps: Path, value: str, inside: Mapping[Path, Leaf], kind: str) -> Label | Person | None:
    """Return what an element is.

    Parameters
    ----------
    steps : tuple of str and int
        Its path in the resource.
    value : str
    inside : mapping of paths to Leaf
        The elements of the resource.
    kind : str
        Type of the resource.
    """
    names = [step for step in steps if isinstance(step, str)]
    key, above = names[-1], names[-2] if len(names) > 1 else ""
    if key in _ELEMENTS:
        return _ELEMENTS[key]
    if key == "id" and len(names) == 1:
        return _NUMBERS.get(kind, Label.IDENTIFIER)
    if key == "value" and "identifier" in names[:-1]:
        return _identifier(inside.get((*steps[:-1], "system")), kind if len(names) == 2 else "")
    if key == "value" and above == "telecom":
        return Label.EMAIL if "@" in value else Label.URL if "//" in value else Label.PHONE
    if key == "name" and len(names) == 1 and kind in _PLACES:
        return Label.HOSPITAL
    if key == "text" and above == "name" and kind in _PEOPLE:
        return Person.NAME
    if key == "display" and (*steps[:-1], "code") not in inside:
        return _display(inside.get((*steps[:-1], "reference")), above)
    return Label.DATE if fields.label_of("", value) is Label.DATE else None


def _identifier(system: Leaf | None, kind: str) -> Label:
    if system is not None:
        for pattern, label in _SYSTEMS:
            if pattern.search(system.value):
                return label
    return _NUMBERS.get(kind, Label.IDENTIFIER)


def _display(reference: Leaf | None, above: str) -> Label | Person | None:
    """Return what the words beside a reference name: a person, a place, or something else."""
    named = re.search(r"([A-Z][A-Za-z]+)/", reference.value) if reference else None
    if named:
        return Person.NAME if named[1] in _PEOPLE else Label.HOSPITAL if named[1] in _PLACES else None
    if above == "custodian":
        return Label.HOSPITAL
    return Person.NAME if above in _PEOPLE_ELEMENTS else None


def _last(reference: str) -> str:
    return re.split(r"[/:#]", reference.rstrip("/"))[-1]
