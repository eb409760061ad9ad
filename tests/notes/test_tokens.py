"""The tokens of a note: nothing lost, nothing twice, glued words apart."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.notes.tokens import tokenize


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in tokenize(text)]


def test_letters_digits_and_signs_come_apart():
    assert words("Dr.Martin, 12/03/2019") == ["Dr", ".", "Martin", ",", "12", "/", "03", "/", "2019"]


def test_a_change_of_case_ends_a_token():
    assert words("DupontMarie vu par leDr") == ["Dupont", "Marie", "vu", "par", "le", "Dr"]


def test_capitals_and_accents_stay_whole():
    assert words("ÉLÉONORE Œuvre François l'œil") == ["ÉLÉONORE", "Œuvre", "François", "l", "'", "œil"]


def test_accents_written_apart_belong_to_their_letter():
    assert words("e\u0301mile") == ["e\u0301", "mile"] or words("e\u0301mile") == ["e\u0301mile"]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_only_white_space_is_left_out(text):
    offsets = tokenize(text)
    covered = {at for start, end in offsets for at in range(start, end)}
    assert all(sign.isspace() for at, sign in enumerate(text) if at not in covered)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_tokens_are_in_order_and_apart(text):
    offsets = tokenize(text)
    assert all(start < end for start, end in offsets)
    assert all(one[1] <= two[0] for one, two in pairwise(offsets))
