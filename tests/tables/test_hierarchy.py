from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.errors import UnreadableError
from sosie.manifest import ColumnManifest, Manifest, TableManifest
from sosie.tables import hierarchy, source
from sosie.tables.encoders import learn


@given(st.dictionaries(st.text("AB12.", min_size=1, max_size=5), st.integers(1, 30), max_size=30), st.integers(2, 12))
def test_every_patient_is_in_a_level_of_k_or_left(counts: dict[str, int], k: int) -> None:
    levels, merged, left = hierarchy.merge(counts, k, None)
    held = dict.fromkeys(levels, 0)
    for code, patients in counts.items():
        place = code if code in levels else merged[code]
        if place in held:
            held[place] += patients
    assert all(patients >= k for patients in held.values())
    assert sum(held.values()) + left == sum(counts.values())


def test_rare_codes_go_to_the_parents_of_a_list(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("dx,x\n" + "".join(f"{code},1\n" for code in ["a1"] * 8 + ["a2"] * 8 + ["b1"] * 20))
    (tmp_path / "parents.csv").write_text("code,parent\na1,a\na2,a\nb1,b\n")
    declared = Manifest(tables={"t": TableManifest(columns={"dx": ColumnManifest(hierarchy="parents.csv")})})
    (table,) = source.read(tmp_path, declared).tables
    encoder = learn(table.frame["dx"], table.column("dx"), 11)
    assert set(encoder.decode(encoder.encode(table.frame["dx"])).to_list()) == {"a", "b1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,parent\na,b\nb,a\n", "its own ancestor"),
        ("code,parent\na,b\na,c\n", "row 3: this code has another parent"),
        ("a,b\nc,d\n", "expected two columns"),
        ("", "cannot be read"),
    ],
)
def test_a_list_that_is_no_hierarchy_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "parents.csv").write_text(text)
    with pytest.raises(UnreadableError, match=message):
        hierarchy.read(tmp_path / "parents.csv")
