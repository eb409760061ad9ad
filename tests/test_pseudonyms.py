import json
import os
import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.columns.validators import named
from sosie.errors import ManifestError
from sosie.pseudonyms import Pseudonyms

ONE, OTHER = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)


@given(st.text(), st.text())
def test_the_same_patient_always_gets_the_same_and_nobody_else_s(key: str, other: str) -> None:
    assert ONE.pseudonym(key) == Pseudonyms(b"1" * 32).pseudonym(key)
    assert (ONE.pseudonym(key) == ONE.pseudonym(other)) == (key == other)
    assert ONE.pseudonym(key) != OTHER.pseudonym(key)
    assert ONE.pseudonym(key, "stay") != ONE.pseudonym(key)


def test_the_secret_is_not_shown() -> None:
    assert "111" not in repr(ONE)
    with pytest.raises(ManifestError):
        Pseudonyms(b"short")


def test_shifts_use_the_whole_year_and_never_stand_still() -> None:
    shifts = [ONE.date_shift(str(i)) for i in range(20_000)]
    assert min(shifts) == timedelta(-365)
    assert max(shifts) == timedelta(365)
    assert timedelta(0) not in shifts
    counts = np.unique([shift.days for shift in shifts], return_counts=True)[1]
    assert len(counts) == 730
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 900  # chi-squared of 729 degrees: 1 in 10,000


@given(st.text(min_size=1))
def test_uids_are_valid(original: str) -> None:
    uid = ONE.uid(original)
    assert re.fullmatch(r"2\.25\.[1-9]\d{0,38}", uid)
    assert len(uid) <= 64
    assert (int(uid[5:]) >> 76) & 0xF == 4


def test_a_uid_is_replaced_alike_for_all_so_that_files_still_refer_to_each_other() -> None:
    assert ONE.surrogate("7", "UID", "1.2.840.1") == ONE.surrogate("8", "UID", "1.2.840.1") == ONE.uid("1.2.840.1")


def test_digests_of_files_and_bytes_agree(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"abc" * 10**6)
    assert ONE.hmac_file(tmp_path / "data") == ONE.hmac(b"abc" * 10**6) != OTHER.hmac(b"abc" * 10**6)


@pytest.mark.parametrize(
    ("label", "like", "pattern"),
    [
        ("NAME", "DUPONT", r"[A-Z]{4,}"),
        ("FIRST_NAME", "Zoé", r"[A-Z][a-z]{3,}"),
        ("PHONE", "06 12 34 56 78", r"06 39 98 \d\d \d\d"),
        ("PHONE", "+33 (0)6 12 34 56 78", r"\+33 \(0\)6 39 98 \d\d \d\d"),
        ("PHONE", "+33612345678", r"\+3363998\d{4}"),
        ("PHONE", "+44 20 7946 0958", r"\+99 9\d \d{4} \d{4}"),
        ("EMAIL", "zoe@chu.fr", r"[a-z]+\.[a-z]+\d{3}@example\.org"),
        ("NIR", "2 55 08 14 168 025 38", r"[12] \d\d \d\d 00 \d{3} \d{3} \d\d"),
        ("SSN", "123-45-6789", r"666-\d\d-\d{4}"),
        ("IP", "10.1.2.3", r"198\.1[89]\.\d+\.\d+"),
        ("MAC", "AA:BB:CC:DD:EE:FF", r"02(:[A-Z0-9]{2}){5}"),
        ("IPP", "AB-001234", r"[A-Z]{2}-[1-9]{6}"),
    ],
)
def test_surrogates_have_the_shape_and_are_nobody_s(label: str, like: str, pattern: str) -> None:
    made = ONE.surrogate("7", label, like)
    assert re.fullmatch(pattern, made)
    assert made != like
    assert made != ONE.surrogate("8", label, like)


def test_a_surrogate_does_not_depend_on_how_a_value_is_written() -> None:
    assert ONE.surrogate("7", "NAME", "Le Gall") == ONE.surrogate("7", "NAME", "LE-GALL").capitalize()
    assert not named("NIR")[0].matches(pl.Series([ONE.surrogate("7", "NIR", "255081416802538")]))[0]


@given(st.sampled_from(["NAME", "PHONE", "NIR", "IPP", "IBAN", "IP", "MAC", "SSN", "URL", "ODD"]), st.text(max_size=40))
def test_any_value_has_a_surrogate(label: str, like: str) -> None:
    assert isinstance(ONE.surrogate("7", label, like), str)


@pytest.mark.parametrize("passphrase", [None, "cheval juste pile agrafe"])
def test_a_key_file_comes_back(tmp_path: Path, passphrase: str | None) -> None:
    path, made = tmp_path / "key.json", Pseudonyms.generate()
    made.save(path, passphrase)
    assert Pseudonyms.load(path, passphrase) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert (made.secret.hex() in path.read_text()) == (passphrase is None)
    with pytest.raises(ManifestError, match="never overwritten"):
        made.save(path, passphrase)


@pytest.mark.parametrize("passphrase", ["wrong", None, ""])
def test_a_wrong_passphrase_is_refused(tmp_path: Path, passphrase: str | None) -> None:
    ONE.save(tmp_path / "key.json", "right")
    with pytest.raises(ManifestError, match="passphrase"):
        Pseudonyms.load(tmp_path / "key.json", passphrase)


@pytest.mark.parametrize(
    ("field", "value"),
    [("secret", "00" * 48), ("salt", "00" * 16), ("n", 2**30), ("n", "x"), ("version", 2), ("nonce", "zz"), ("p", 2)],
)
def test_a_changed_file_is_refused(tmp_path: Path, field: str, value: object) -> None:
    path = tmp_path / "key.json"
    ONE.save(path, "right")
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(ManifestError, match=r"key\.json"):
        Pseudonyms.load(path, "right")


def test_a_plain_key_that_others_read_or_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    ONE.save(path)
    path.write_text(path.read_text().replace("3131", "3132", 1))
    with pytest.raises(ManifestError, match="changed"):
        Pseudonyms.load(path)
    if os.name == "posix":
        path.chmod(0o640)
        with pytest.raises(ManifestError, match="chmod"):
            Pseudonyms.load(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", "\x00", '{"format": "sosie-key", "version": 1}'])
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(ManifestError, match=r"key\.json"):
        Pseudonyms.load(tmp_path / "key.json", "right")
