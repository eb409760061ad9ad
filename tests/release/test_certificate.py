import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sosie import institution
from sosie.errors import RefusedError, SosieError, UnreadableError
from sosie.evidence import Criterion, CriterionId, Decision, Evidence, Input, Status, Verdict
from sosie.institution import Institution
from sosie.release import certificate
from sosie.release.certificate import NAME, verify

FIGURE = 0.51234


def evidence(**stated: Any) -> Evidence:
    criterion = Criterion(
        id=CriterionId.MEMBERSHIP_AUC,
        group="membership",
        value=FIGURE,
        upper_95=FIGURE,
        threshold=0.55,
        status=Status.PASSED,
    )
    return Evidence(
        sosie_version="0.1.0",
        inputs=[Input(name="patients.csv", hmac_sha256="ab" * 32, patients=100)],
        settings={"guarantee": "audited", "synthesizer": "trees", "doubles": 90, "secret": "no", **stated},
        verdict=Verdict(decision=Decision.RELEASED, criteria=[criterion]),
    )


@pytest.fixture
def signer(tmp_path: Path) -> Institution:
    return institution.load(tmp_path / "home")


@pytest.fixture
def release(tmp_path: Path, signer: Institution) -> Path:
    return certified(tmp_path / "out" / "release", signer)


def certified(folder: Path, signer: Institution, **stated: Any) -> Path:
    (folder / "data" / "deep").mkdir(parents=True)
    (folder / "data" / "patients.csv").write_text("age;sexe\n51;F\n", encoding="utf-8")
    (folder / "data" / "deep" / "labs.csv").write_text("sodium\n", encoding="utf-8")
    (folder / "datasheet.html").write_text("<p>é</p>", encoding="utf-8")
    made = evidence(**stated)
    certificate.write(folder, made, made.model_dump_json().encode(), "version: 1\n", signer)
    return folder


def test_a_release_as_it_was_certified_passes(release: Path, signer: Institution) -> None:
    for place in (release, release.parent):
        found = verify(place, signer.public_key)
        assert (found.known, found.files, found.folder) == (True, 3, release)
    assert not verify(release).known


def test_it_holds_what_the_design_says_and_no_figure_and_no_seed(tmp_path: Path, signer: Institution) -> None:
    text = (certified(tmp_path / "r", signer, seed=77712345677) / NAME).read_text()
    content = json.loads(text)
    assert set(content["files"]) == {"data/patients.csv", "data/deep/labs.csv", "datasheet.html"}
    assert content["inputs_hmac_sha256"] == ["ab" * 32]
    assert content["settings"] == {"guarantee": "audited", "synthesizer": "trees", "doubles": 90}
    assert content["verdict"] == {"decision": "released", "epsilon": None, "delta": None}
    assert content["public_key"] == signer.public_key.hex()
    assert content["test"] is True
    assert "77712345677" not in text
    assert str(FIGURE) not in text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_bit_in_any_file_is_found(release: Path, data: st.DataObject) -> None:
    files = sorted(path for path in release.rglob("*") if path.is_file())
    # Every other draw goes to the certificate, of which every bit must count as well.
    path = data.draw(st.sampled_from(files) | st.just(release / NAME))
    whole = path.read_bytes()
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
    try:
        with pytest.raises((RefusedError, UnreadableError), match=path.name.replace(".", r"\.")):
            verify(release)
    finally:
        path.write_bytes(whole)
    verify(release)


def add(folder: Path) -> None:
    (folder / "data" / "more.csv").touch()


def remove(folder: Path) -> None:
    (folder / "data" / "patients.csv").unlink()


def link(folder: Path) -> None:
    (folder / "data" / "patients.csv").rename(folder.parent / "moved")
    (folder / "data" / "patients.csv").symlink_to(folder.parent / "moved")


def swap(folder: Path) -> None:
    (folder / "data" / "patients.csv").rename(folder / "x")
    (folder / "data" / "deep" / "labs.csv").rename(folder / "data" / "patients.csv")
    (folder / "x").rename(folder / "data" / "deep" / "labs.csv")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (add, "more.csv: not a part"),
        (remove, "patients.csv: missing"),
        (link, "patients.csv: changed"),
        (swap, "labs.csv: changed"),
    ],
)
def test_the_message_names_the_file_at_fault(release: Path, change: Callable[[Path], None], said: str) -> None:
    change(release)
    with pytest.raises(RefusedError, match=said):
        verify(release)


def test_whoever_signs_anew_is_found_out_by_the_public_key(release: Path, signer: Institution, tmp_path: Path) -> None:
    forger = institution.load(tmp_path / "forger")
    shutil.rmtree(release)
    certified(release, forger)
    assert not verify(release).known
    with pytest.raises(RefusedError, match="another key"):
        verify(release, signer.public_key)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff", b'{"files": []}', b"[" * 100_000])
def test_what_is_no_certificate_is_unreadable(release: Path, content: bytes) -> None:
    (release / NAME).write_bytes(content)
    with pytest.raises(UnreadableError, match="certificate"):
        verify(release)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.upper(),
        lambda text: text.replace("\n", " \n", 1),
        lambda text: text.replace('"test": false', '"test": true'),
        lambda text: text.replace('"doubles": 90', '"doubles": 9e1'),
        lambda text: text.replace('"files"', '"schema_version": "1.0",\n "files"', 1),
    ],
)
def test_another_spelling_of_a_certificate_is_a_change(release: Path, change: Callable[[str], str]) -> None:
    (release / NAME).write_text(change((release / NAME).read_text()))
    with pytest.raises(SosieError):
        verify(release)


def test_a_folder_without_a_certificate_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="certificate"):
        verify(tmp_path)
    with pytest.raises(UnreadableError, match="absent"):
        verify(tmp_path / "absent")
