import stat
from pathlib import Path

import pytest

from sosie import institution
from sosie.errors import ManifestError
from sosie.institution import KEY, PUBLIC


def test_it_is_made_on_first_use_for_its_owner_alone_and_kept(home: Path) -> None:
    first, again = institution.load(), institution.load()
    assert first == again
    assert first.folder == home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / KEY).stat().st_mode) == 0o600
    assert institution.read_public(home / PUBLIC) == first.public_key


def test_two_institutions_share_nothing(tmp_path: Path) -> None:
    one, other = institution.load(tmp_path / "a"), institution.load(tmp_path / "b")
    assert one.pseudonyms.hmac(b"x") != other.pseudonyms.hmac(b"x")
    assert one.public_key != other.public_key
    assert one.seed != one.pseudonyms.secret


def test_neither_secret_is_shown(home: Path) -> None:
    known = institution.load()
    assert known.seed.hex() not in repr(known)
    assert repr(known.seed) not in repr(known)


@pytest.mark.parametrize(("given", "expected"), [("SOSIE_HOME", ""), ("XDG_DATA_HOME", "sosie")])
def test_its_folder_is_where_the_environment_says(
    given: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOSIE_HOME")
    monkeypatch.setenv(given, str(tmp_path))
    assert institution.place() == tmp_path / expected
    assert institution.place(tmp_path / "asked") == tmp_path / "asked"


def test_without_any_word_it_is_in_the_home_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOSIE_HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert institution.place() == tmp_path / ".local" / "share" / "sosie"


def test_with_a_passphrase_the_key_is_encrypted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOSIE_PASSPHRASE", "correct horse")
    known = institution.load()
    assert known.seed.hex() not in (home / KEY).read_text()
    assert institution.load() == known
    for wrong in ("wrong", ""):
        monkeypatch.setenv("SOSIE_PASSPHRASE", wrong)
        with pytest.raises(ManifestError, match="passphrase"):
            institution.load()


@pytest.mark.parametrize("content", ["", "{}", "junk"])
def test_a_damaged_key_is_told_and_never_replaced(home: Path, content: str) -> None:
    institution.load()
    (home / KEY).write_text(content)
    with pytest.raises(ManifestError, match="key"):
        institution.load()
    assert (home / KEY).read_text() == content


@pytest.mark.parametrize("left", [PUBLIC, "ledger.jsonl"])
def test_a_lost_key_is_told_and_never_made_anew(home: Path, left: str) -> None:
    institution.load()
    (home / KEY).unlink()
    (home / PUBLIC).rename(home / left)
    with pytest.raises(ManifestError, match="key is missing"):
        institution.load()
    assert not (home / KEY).exists()


def test_a_public_key_of_somebody_else_is_told(home: Path, tmp_path: Path) -> None:
    institution.load()
    institution.load(tmp_path / "other")
    (home / PUBLIC).write_bytes((tmp_path / "other" / PUBLIC).read_bytes())
    with pytest.raises(ManifestError, match="not the public key"):
        institution.load()


def test_a_lost_public_key_is_written_again(home: Path) -> None:
    known = institution.load()
    (home / PUBLIC).unlink()
    institution.load()
    assert institution.read_public(home / PUBLIC) == known.public_key


def test_a_key_that_a_kill_cut_short_does_not_stand_in_the_way(home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / f".{KEY}-1234").write_text("half")
    institution.load()
    assert {path.name for path in home.iterdir()} == {KEY, PUBLIC, ".lock"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ManifestError, match="cannot be written"):
        institution.load(tmp_path / "file" / "home")
    with pytest.raises(ManifestError, match="cannot be written"):
        institution.load(tmp_path / "file")


def test_what_is_no_public_key_is_told(tmp_path: Path) -> None:
    for content in (b"", b"\xff\x00", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        (tmp_path / "key.pub").write_bytes(content)
        with pytest.raises(ManifestError, match=r"key\.pub"):
            institution.read_public(tmp_path / "key.pub")
