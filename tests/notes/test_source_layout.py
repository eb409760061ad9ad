from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.notes.document import Label
from sosie.notes.source.layout import Layout, edits

WORDS = st.lists(st.sampled_from(["Jean", "DUPONT", " ", "\n", ", ", "Paul", "12", "\t", "é"]), max_size=20).map(
    "".join
)


def laid(*pieces: str | tuple[str]) -> tuple[Layout, list[str]]:
    """Pieces are strings, gaps are tuples of one."""
    layout, kept = Layout(), []
    for piece in pieces:
        if isinstance(piece, tuple):
            layout.gap(piece[0])
            continue
        kept.append(piece)
        at = len(kept) - 1
        layout.piece(piece, lambda new, at=at: kept.__setitem__(at, new))
    return layout, kept


@settings(max_examples=50, deadline=None)
@given(WORDS, WORDS)
def test_edits_make_one_text_the_other(old: str, new: str) -> None:
    built, done = "", 0
    for edit in edits(old, new):
        assert done <= edit.start <= edit.end <= len(old)
        built += old[done : edit.start] + edit.text
        done = edit.end
    assert built + old[done:] == new


@settings(max_examples=50, deadline=None)
@given(st.lists(WORDS.filter(bool), min_size=1, max_size=6), WORDS)
def test_pieces_without_gaps_hold_the_new_text(pieces: list[str], new: str) -> None:
    layout, kept = laid(*pieces)
    layout.fill(new)
    assert "".join(kept) == new


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(WORDS.filter(bool), WORDS.map(lambda gap: (gap,))), min_size=1, max_size=8), WORDS)
def test_no_character_of_the_old_text_survives_that_is_not_in_the_new(pieces: list[str | tuple[str]], new: str) -> None:
    layout, kept = laid(*pieces)
    layout.fill(new)
    assert set("".join(kept)) <= set(new)


def test_a_name_in_two_pieces_goes_to_the_first() -> None:
    layout, kept = laid("M. Du", "pont", " va bien")
    layout.fill("M. Martin va bien")
    assert kept == ["M. Martin", "", " va bien"]


def test_each_line_keeps_its_own_change() -> None:
    layout, kept = laid("Nom : Rey", ("\n",), "Ville : Lyon")
    layout.fill("Nom : Roy\nVille : Pau")
    assert kept == ["Nom : Roy", "Ville : Pau"]


def test_a_change_over_two_paragraphs_goes_to_the_first() -> None:
    layout, kept = laid("12 rue Haute", ("\n",), "69000 Lyon, vu ce jour")
    layout.fill("3 place Basse, vu ce jour")
    assert "".join(kept) == "3 place Basse, vu ce jour"


def test_a_header_is_a_line_for_each_field_and_knows_what_they_are() -> None:
    layout = Layout()
    layout.entry("nom", "Rey", lambda _: None, Label.LAST_NAME)
    layout.entry("vide", " ", lambda _: None)
    assert layout.text == "nom: Rey\n"
    assert [(span.start, span.end, span.label) for span in layout.known] == [(5, 8, Label.LAST_NAME)]
