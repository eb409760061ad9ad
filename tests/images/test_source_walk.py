import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("pydicom")

from sosie.images import source
from sosie.images.source import Item, item
from sosie.manifest import Manifest
from sosie.stream import Problem
from tests.images.made import dataset, nifti, packed, written, zipped

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def walked(place: Path) -> tuple[dict[str, Item], dict[str, str]]:
    found = list(source.walk(place, Manifest()))
    items = {each.name: each for each in found if isinstance(each, Item)}
    return items, {each.name: each.reason for each in found if isinstance(each, Problem)}


def tarred(path: Path, mode: str, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_images_are_known_by_their_content_whatever_their_names(tmp_path: Path) -> None:
    image = written(dataset())
    (tmp_path / "a").write_bytes(image)
    (tmp_path / "b.txt").write_bytes(image)
    (tmp_path / "c.bin").write_bytes(packed(nifti()))
    (tmp_path / "d.dcm").write_bytes(PNG)
    (tmp_path / "e").write_bytes(image[image.index(b"\x08\x00\x05\x00") :])
    items, problems = walked(tmp_path)
    assert {name: each.kind for name, each in items.items()} == {
        "a": "dicom", "b.txt": "dicom", "c.bin": "nifti", "d.dcm": "picture", "e": "dicom"
    }  # fmt: skip
    assert problems == {}


def test_what_tables_and_notes_read_is_left_to_them(tmp_path: Path) -> None:
    for name in ("patients.csv", "letter.txt", "letter", "sosie.yaml", ".DS_Store", "report.pdf"):
        (tmp_path / name).write_text("M. DURANDAL va bien.", encoding="utf-8")
    zipped(tmp_path / "letter.docx", {"[Content_Types].xml": b"<x/>"})
    assert walked(tmp_path) == ({}, {})
    assert not source.recognises(tmp_path)


def test_what_is_no_image_and_nobody_reads_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_text("M. DURANDAL", encoding="utf-8")
    (tmp_path / "b.exe").write_bytes(b"MZ" + bytes(range(256)))
    (tmp_path / "c.dcm").touch()
    items, problems = walked(tmp_path)
    assert not items
    assert problems == {
        "a.dcm": "named like a DICOM file, and is none; not copied",
        "b.exe": "no image that is read; not copied",
        "c.dcm": "the file is empty; not copied",
    }


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.dcm").write_bytes(written(dataset()))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.dcm").symlink_to(outside / "x.dcm")
    (folder / "folder").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    items, problems = walked(folder)
    assert not items
    assert problems.keys() == {"link.dcm", "folder", "pipe"}
    assert "link" in problems["link.dcm"]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2"])
def test_a_tar_archive_is_read_and_its_traps_are_told(tmp_path: Path, mode: str) -> None:
    image = written(dataset())
    suffix = {"w": ".tar", "w:gz": ".tar.gz", "w:bz2": ".tar.bz2"}[mode]
    path = tarred(tmp_path / f"a{suffix}", mode, {"x/1": image, "/etc/1": image, "../1": image, "notes.txt": b"text"})
    items, problems = walked(path)
    assert list(items) == [f"{path.name}/x/1"]
    assert items[f"{path.name}/x/1"].load() == image
    assert {name: reason.partition(";")[0] for name, reason in problems.items()} == {
        f"{path.name}/etc/1": "its path leads out of the archive (absolute, or '..')",
        f"{path.name}/../1": "its path leads out of the archive (absolute, or '..')",
        f"{path.name}/notes.txt": "no image that is read",
    }


def test_a_zip_archive_is_read_and_its_traps_are_told(tmp_path: Path) -> None:
    image = written(dataset())
    members = {"x/1.dcm": image, "C:/1": image, "..\\1": image, "__MACOSX/._1": image}
    members["in.zip"] = b"PK\x03\x04" + bytes(90)
    path = zipped(tmp_path / "a.zip", members)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    items, problems = walked(tmp_path)
    assert list(items) == ["a.zip/x/1.dcm"]
    assert items["a.zip/x/1.dcm"].load() == image
    assert problems.keys() == {"a.zip/C:/1", "a.zip/../1", "a.zip/in.zip", "a.zip/link"}


def test_a_bomb_is_not_inflated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sosie.images.source.item.SUSPECT", 1 << 20)
    monkeypatch.setattr("sosie.images.source.archive.SUSPECT", 1 << 20)
    bomb = written(dataset())[:-1536] + bytes(4 << 20)
    zipped(tmp_path / "a.zip", {"1.dcm": bomb})
    tarred(tmp_path / "b.tar.gz", "w:gz", {"1.dcm": bomb})
    (tmp_path / "c.dcm.gz").write_bytes(packed(bomb))
    items, problems = walked(tmp_path)
    assert list(items) == ["c.dcm.gz"]
    with pytest.raises(item.UnreadableError, match="bomb"):
        items["c.dcm.gz"].load()
    assert all("bomb" in reason for reason in problems.values())
    assert {name.partition("/")[0] for name in problems} == {"a.zip", "b.tar.gz"}


def test_a_damaged_archive_is_a_problem(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"1.dcm": written(dataset())})
    path.write_bytes(path.read_bytes()[:-40])
    gz = tarred(tmp_path / "b.tar.gz", "w:gz", {str(at): written(dataset(at)) for at in range(20)})
    gz.write_bytes(gz.read_bytes()[:600])
    _, problems = walked(tmp_path)
    assert all("damaged" in problems[name] for name in ("a.zip", "b.tar.gz"))


def test_the_order_never_changes(tmp_path: Path) -> None:
    for name in ("b/2.dcm", "a/9.dcm", "a/10.dcm", "c.dcm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(written(dataset()))
    assert list(walked(tmp_path)[0]) == ["a/10.dcm", "a/9.dcm", "b/2.dcm", "c.dcm"]
