import pytest
from made_timelines import timelines

from sosie.console import Console, Language
from sosie.inspection import Inspection
from sosie.manifest import Manifest
from sosie.summary import of_inspection
from sosie.timelines.identify import findings, uniqueness

PART, MANIFEST = timelines(60, 1), Manifest()


@pytest.mark.parametrize(("language", "line"), [("en", "First gaps: 2"), ("fr", "Premiers intervalles : 2")])
def test_inspect_says_how_few_gaps_single_out_a_patient(language: str, line: str) -> None:
    found = Inspection(findings(PART, MANIFEST), uniqueness(PART, MANIFEST), [], MANIFEST, 60)
    _, lines = of_inspection(found, Console(Language(language)), None)
    assert any(line in " ".join(each.split()) and "%" in each for each in lines)
