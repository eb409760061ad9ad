"""The measure of a detector on annotated notes."""

from sosie.notes.document import Label, Span
from sosie.notes.tagger import Tagger
from training.notes.draft import Annotated
from training.notes.measure import score

NOTE = Annotated("Vu par Odile Touvenel hier", ((7, 12, Label.FIRST_NAME), (13, 21, Label.LAST_NAME)))


class Fixed(Tagger):
    """Marks the same places in every text."""

    def __init__(self, *spans):
        self.spans = [Span(start, end, label, 1.0, "fixed") for start, end, label in spans]

    def tag(self, text, tokens, language):
        return self.spans


def test_an_entity_half_covered_is_missed():
    counts = score(Fixed((7, 12, Label.FIRST_NAME), (13, 17, Label.LAST_NAME)), [NOTE], None)
    assert (counts.found["FIRST_NAME"], counts.found["LAST_NAME"]) == (1, 0)
    assert (counts.notes, counts.clean) == (1, 0)


def test_an_entity_covered_under_another_label_is_found_but_not_named():
    counts = score(Fixed((7, 21, Label.FIRST_NAME)), [NOTE], None)
    assert (counts.found["LAST_NAME"], counts.named["LAST_NAME"]) == (1, 0)
    assert counts.clean == 1


def test_words_marked_for_nothing_lower_the_precision():
    counts = score(Fixed((0, 21, Label.LAST_NAME)), [NOTE], None)
    assert (counts.marked, counts.right) == (4, 2)
    assert any("50.0%" in line for line in counts.lines())


def test_a_detector_without_an_opinion_doubts_nothing():
    span = Span(0, 2, Label.CITY, 0.4, "rule")
    assert Fixed().weigh("Vu par", [(0, 2), (3, 6)], None, [span]) == [1.0]
