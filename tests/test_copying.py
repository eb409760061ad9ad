import json
from pathlib import Path

import pytest

pytest.importorskip("sosie.notes.source")

from sosie import copying
from sosie.copying import Choices
from sosie.errors import ManifestError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "patients.csv"
    path.write_text("ipp;nom;age\n" + "".join(f"80{at:04d};MARTIN{at};{at}\n" for at in range(40)), encoding="utf-8")
    return path


def test_tables_alone_are_copied_and_mapped_to_their_own_name(source: Path, tmp_path: Path) -> None:
    copied = copying.copy(source, tmp_path / "out", Choices(mapping=tmp_path / "mapping.json"))
    assert {finding.place for finding in copied.findings} >= {"ipp", "nom"}
    assert copied.streams == {}
    assert json.loads((tmp_path / "mapping.json").read_text(encoding="utf-8")) == {"patients.csv": "patients.csv"}


def test_a_key_is_encrypted_under_the_passphrase(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOSIE_PASSPHRASE", "cheval juste pile agrafe")
    copying.copy(source, tmp_path / "one", Choices(key=tmp_path / "key.json"))
    copying.copy(source, tmp_path / "two", Choices(key=tmp_path / "key.json"))
    one, two = ((tmp_path / name / "data/patients.csv").read_text(encoding="utf-8") for name in ("one", "two"))
    assert one == two
    assert json.loads((tmp_path / "key.json").read_text(encoding="utf-8"))["cipher"] == "aes-256-gcm"
    monkeypatch.delenv("SOSIE_PASSPHRASE")
    with pytest.raises(ManifestError, match="encrypted"):
        copying.copy(source, tmp_path / "three", Choices(key=tmp_path / "key.json"))


def test_nobody_s_last_name_is_given_to_another(source: Path, tmp_path: Path) -> None:
    copying.copy(source, tmp_path / "out")
    rows = (tmp_path / "out/data/patients.csv").read_text(encoding="utf-8").splitlines()[1:]
    names = [row.split(";")[1] for row in rows]
    assert all(names)
    assert not any("MARTIN" in name for name in names)
