from datetime import date

import polars as pl

from conftest import part_of
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact, Knowledge
from sosie.tables.facts import knowledge
from sosie.tables.identify import roles
from sosie.tables.redact import redact

SECRET = Pseudonyms(b"s" * 32)


def known(frame: pl.DataFrame, key: str, *, copied: bool = True) -> tuple[Knowledge, pl.DataFrame]:
    part = part_of(frame, key=key)
    findings = roles(part, Manifest())
    copy = redact(part, findings, SECRET)
    return knowledge(part, copy if copied else None, findings), copy.tables[0].frame


def test_a_patient_is_known_by_what_identifies_with_what_stands_for_it(hospital: pl.DataFrame) -> None:
    told, copy = known(hospital, "IPP")
    key = hospital["IPP"][0]
    facts = {fact.label: fact for fact in told.facts[key]}
    assert facts["PATIENT_KEY"] == Fact("PATIENT_KEY", key, copy["IPP"][0])
    assert facts["NIR"].replacement == copy["NIR"][0]
    assert date.fromisoformat(facts["BIRTH_DATE"].value)
    assert facts["BIRTH_DATE"].replacement is None


def test_nothing_stands_for_it_where_nothing_was_copied(hospital: pl.DataFrame) -> None:
    told, _ = known(hospital, "IPP", copied=False)
    assert not any(fact.replacement for facts in told.facts.values() for fact in facts)


def test_the_names_of_all_are_taken_and_their_values_are_not_shown() -> None:
    frame = pl.DataFrame(
        {"id": [f"P{at}" for at in range(30)], "nom": [f"Kerv{chr(97 + at % 26)}l" for at in range(30)]}
    )
    told, copy = known(frame, "id")
    assert "kerval" in told.taken
    assert not {name.casefold() for name in copy["nom"]} & set(told.taken)
    assert "Kerval" not in repr(told) + repr(told.facts["P0"])


def test_values_that_are_missing_tell_nothing() -> None:
    frame = pl.DataFrame({"id": [f"P{at}" for at in range(30)], "nom": [None, *(f"Le Gall{at}" for at in range(29))]})
    told, _ = known(frame, "id")
    assert [fact.label for fact in told.facts["P0"]] == ["PATIENT_KEY"]
