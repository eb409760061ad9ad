"""The generator of annotated notes: the spans are exact whatever noise comes over them."""

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.notes.document import Label
from training.notes import noise
from training.notes.dates import spoken
from training.notes.draft import Annotated, Draft
from training.notes.generate import Generator
from training.notes.grammar import parse

WORDS = ["maison", "jardin", "pluie", "fenêtre", "lumière", "bateau"]
LISTS = {
    "first_names": ["lucien", "odile"],
    "last_names": ["garrivier", "touvenel"],
    "cities": ["saint-aubin-sur-mer", "belverne"],
    "diseases": ["Pneumopathie à pneumocoque", "Fracture du col du fémur"],
    "drugs": ["amoxicilline", "bisoprolol"],
    "jobs": ["tisserand"],
    "eponyms": ["Charcot"],
    "bacteria": ["Listeria monocytogenes"],
    "suture": ["Vicryl"],
    **dict.fromkeys(("common_words", "word", "medical", "adj"), WORDS),
}


@cache
def generator(language: str) -> Generator:
    return Generator(language, LISTS)


@pytest.mark.parametrize("language", ["fr", "en"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_spans_are_in_order_apart_and_without_white_space_at_their_ends(language, seed):
    note = generator(language).write(random.Random(seed))
    end = 0
    for start, stop, _ in note.spans:
        assert end <= start < stop <= len(note.text)
        assert note.text[start:stop] == note.text[start:stop].strip()
        end = stop


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), kind=st.sampled_from([kind for kind, _ in noise.KINDS]))
def test_a_noise_changes_the_inside_of_an_entity_and_its_span_together(seed, kind):
    parts = [
        ("Vu par le ", None),
        ("Dr ", None),
        ("Éloi Garrivier", Label.LAST_NAME),
        (", à ", None),
        ("Belverne", Label.CITY),
        (".", None),
    ]
    noisy = Draft(parts)
    kind(noisy, random.Random(seed))
    note = noisy.finish()
    outside = "".join(sign for sign, owner in zip(noisy.signs, noisy.owners, strict=True) if owner < 0)
    inside = "".join(note.text[start:end] for start, end, _ in note.spans)
    assert [label for *_, label in note.spans] == [Label.LAST_NAME, Label.CITY]
    assert len(inside) + len(outside) == len(note.text)


def test_upper_case_leaves_the_spans_where_they_were():
    draft = Draft([("suivi par ", None), ("Odile Touvenel", Label.LAST_NAME)])
    noise.upper(draft, random.Random(0))
    assert draft.finish() == Annotated("SUIVI PAR ODILE TOUVENEL", ((10, 24, Label.LAST_NAME),))


def test_an_entity_that_lost_all_its_signs_is_gone():
    draft = Draft([("a ", None), ("b", Label.CITY)])
    draft.rewrite(lambda at, sign: "" if sign == "b" else sign)
    assert draft.finish().spans == ()


def test_the_same_seed_writes_the_same_note():
    assert generator("fr").write(random.Random(5)) == generator("fr").write(random.Random(5))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_of_label_is_written(language):
    rng = random.Random(1)
    rules = ["m.contact", "m.life", "m.place", "m.date", "m.family", "identity", "copies", "signature"] * 60
    assert {label for rule in rules for *_, label in generator(language).write(rng, rule).spans} == set(Label)


def test_skeletons_held_out_are_not_among_the_known():
    known, held = Generator("fr", LISTS, "known").grammar.rules, Generator("fr", LISTS, "held").grammar.rules
    assert len(known["letter"]) + len(held["letter"]) == len(generator("fr").grammar.rules["letter"])
    assert not any(node in held["letter"] for node in known["letter"])


def test_an_unbalanced_rule_is_refused():
    with pytest.raises(ValueError, match="unbalanced"):
        parse("one <two|three")


@pytest.mark.parametrize(
    ("number", "words"),
    [(1978, "mille neuf cent soixante-dix-huit"), (2021, "deux mille vingt et un"), (91, "quatre-vingt-onze")],
)
def test_numbers_are_spoken_as_in_french(number, words):
    assert spoken(number, "-") == words
