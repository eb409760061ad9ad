from pathlib import Path

import pytest

from sosie.inputs import digests
from sosie.pseudonyms import Pseudonyms

KEYS = ("108616", "131551")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("ages.csv", "labs.csv.gz", "108616/labs.csv", "notes/108616_letter.txt", "films/Dupont/1.dcm"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


def test_digests_tell_files_apart_only_to_the_holder_of_the_key(folder: Path) -> None:
    first, second = Pseudonyms.generate(), Pseudonyms.generate()
    mine, again, theirs = (digests(folder, KEYS, key) for key in (first, first, second))
    assert {"ages.csv", "labs.csv.gz"} <= {one.name for one in mine}
    assert mine == again
    assert not {one.hmac_sha256 for one in mine} & {one.hmac_sha256 for one in theirs}


def test_no_file_that_may_be_named_after_a_patient_is_named(folder: Path) -> None:
    names = [one.name for one in digests(folder, KEYS, Pseudonyms.generate())]
    assert names == ["*.csv (1)", "*.dcm (1)", "*.txt (1)", "ages.csv", "labs.csv.gz"]


def test_a_changed_letter_changes_the_digest_of_all(folder: Path) -> None:
    key = Pseudonyms.generate()
    before = {one.name: one.hmac_sha256 for one in digests(folder, KEYS, key)}
    (folder / "notes" / "108616_letter.txt").write_text("another", encoding="utf-8")
    after = {one.name: one.hmac_sha256 for one in digests(folder, KEYS, key)}
    assert [name for name in before if before[name] != after[name]] == ["*.txt (1)"]
