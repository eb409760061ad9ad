"""Where each table of events keeps what happened, when, at which visit and with which result."""

from __future__ import annotations

from dataclasses import dataclass

from sosie.timelines.events import Group

OMOP = "OMOP"
"""Vocabulary of codes that are standard concepts."""
SOURCE = "OMOP source"
"""Vocabulary of codes that are concepts of the source alone, where the standard concept is 0."""
UNMAPPED = "0"
"""Code of an event of which the source tells no more than its table."""
DEATH_CODE = "death"


@dataclass(frozen=True)
class EventTable:
    """One table of events.

    Parameters
    ----------
    name : str
    group : Group
        Of its events; the other way, the table of a group.
    what : str
        Stem of the columns of its concept (``condition`` of ``condition_concept_id``).
    start, end : str
        Stems of its dates (``condition_start`` of ``condition_start_date``); an empty end where there is none.
    verbatim : bool
        Whether its source value names what happened, where the concept is 0.
    words : str
        Column of a result in words; empty where it has no result.
    """

    name: str
    group: Group
    what: str
    start: str
    end: str = ""
    verbatim: bool = True
    words: str = ""

    @property
    def concept(self) -> str:
        """Column of the standard concept."""
        return f"{self.what}_concept_id"

    @property
    def source_concept(self) -> str:
        """Column of the concept of the source."""
        return f"{self.what}_source_concept_id"

    @property
    def source_value(self) -> str:
        """Column of the verbatim value."""
        return f"{self.what}_source_value"

    @property
    def kind(self) -> str:
        """Column of where the record comes from."""
        return f"{self.what}_type_concept_id"


EVENTS = (
    EventTable("visit_occurrence", Group.VISIT, "visit", "visit_start", "visit_end", verbatim=False),
    # A detail stands inside a visit: to the event table it is something else that happened there.
    EventTable("visit_detail", Group.OTHER, "visit_detail", "visit_detail_start", "visit_detail_end", verbatim=False),
    EventTable("condition_occurrence", Group.CONDITION, "condition", "condition_start", "condition_end"),
    EventTable("drug_exposure", Group.DRUG, "drug", "drug_exposure_start", "drug_exposure_end"),
    EventTable("procedure_occurrence", Group.PROCEDURE, "procedure", "procedure", "procedure_end"),
    EventTable("measurement", Group.MEASUREMENT, "measurement", "measurement", words="value_source_value"),
    EventTable("observation", Group.OBSERVATION, "observation", "observation", words="value_as_string"),
    EventTable("device_exposure", Group.DEVICE, "device", "device_exposure_start", "device_exposure_end"),
)
DEATH = EventTable("death", Group.DEATH, "cause", "death")
"""One row a person, without a key of its own."""
SEXES = {8507: "M", 8532: "F"}
PEOPLE = ("race", "ethnicity")
"""What PERSON says in concepts, beside the sex."""
EHR = 32817
"""Type concept of what comes from a record of care, where too few patients share the source's."""
