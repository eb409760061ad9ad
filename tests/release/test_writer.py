import errno
import os
from pathlib import Path

import pytest

from sosie.errors import FullDiskError, ManifestError
from sosie.release.writer import MARK, check, whole


def ours(out: Path, text: str = "old") -> Path:
    (out / "dpo").mkdir(parents=True)
    (out / "dpo" / "evidence.json").write_text(text)
    (out / "release").mkdir()
    return out


def entries(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_what_was_written_appears_when_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with whole(out) as beside:
        (beside / "dpo").mkdir()
        assert not out.exists()
    assert entries(out) == {"dpo"}
    assert entries(tmp_path) == {"deep", "deep/out", "deep/out/dpo"}


def test_an_earlier_run_is_replaced_as_one(tmp_path: Path) -> None:
    out = ours(tmp_path / "out")
    with whole(out) as beside:
        (beside / "refused").mkdir()
    assert entries(tmp_path) == {"out", "out/refused"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_interruption_leaves_what_stood_there_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    out = ours(tmp_path / "out")
    before = entries(tmp_path)

    def interrupted() -> None:
        with whole(out) as beside:
            (beside / "release").mkdir()
            raise error

    with pytest.raises(error):
        interrupted()
    assert entries(tmp_path) == before
    assert (out / "dpo" / "evidence.json").read_text() == "old"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("step", ["out", ".fresh"])
def test_an_interruption_between_two_renamings_brings_the_earlier_run_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], step: str
) -> None:
    out = ours(tmp_path / "out")
    before, rename = entries(tmp_path), Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == step:
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(error), whole(out) as beside:
        (beside / "release").mkdir()
    assert entries(tmp_path) == before


def test_a_folder_that_holds_anything_else_is_refused_and_untouched(tmp_path: Path) -> None:
    out = ours(tmp_path / "out")
    (out / "thesis.docx").write_text("mine")
    with pytest.raises(ManifestError, match="thesis"), whole(out):
        pytest.fail("the work began")
    assert (out / "thesis.docx").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ManifestError, match="a file stands there"):
        check(tmp_path / "out")


def test_a_mounted_folder_is_refused_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda self: self.name == "out")
    with pytest.raises(ManifestError, match="mounted"):
        check(tmp_path / "out")


def left_behind(out: Path, name: str = ".out-abcd1234") -> Path:
    """Make what a killed run leaves: its folder, with nobody holding its mark."""
    left = out.parent / name
    (left / "release" / "data").mkdir(parents=True)
    (left / MARK).touch()
    return left


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path: Path) -> None:
    left_behind(tmp_path / "out")
    with whole(tmp_path / "out") as beside:
        (beside / "dpo").mkdir()
    assert entries(tmp_path) == {"out", "out/dpo"}


def test_an_output_that_a_killed_run_had_put_aside_comes_back(tmp_path: Path) -> None:
    left = left_behind(tmp_path / "out")
    ours(tmp_path / "elsewhere").rename(left / ".replaced")
    with pytest.raises(ValueError, match=r"^$"), whole(tmp_path / "out"):
        raise ValueError
    assert entries(tmp_path) == {"out", "out/dpo", "out/dpo/evidence.json", "out/release"}


def test_what_is_not_ours_or_is_alive_is_left_alone(tmp_path: Path) -> None:
    left_behind(tmp_path / "out", ".out-abcd1234-copy")
    left_behind(tmp_path / "out", ".another-abcd1234")
    (left_behind(tmp_path / "out", ".out-efgh5678") / MARK).unlink()
    with whole(tmp_path / "out") as alive:
        before = entries(tmp_path)
        with whole(tmp_path / "out") as beside:
            (beside / "dpo").mkdir()
        assert entries(tmp_path) == before | {"out", "out/dpo"}
        assert alive.is_dir()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    with pytest.raises(FullDiskError, match="disk is full"), whole(tmp_path / "out"):
        raise OSError(number, os.strerror(number))
    assert not entries(tmp_path)


@pytest.mark.parametrize("words", ["No space left on device (os error 28)", "IO Error: x: Disk quota exceeded"])
def test_a_full_disk_is_known_by_the_words_of_a_library(tmp_path: Path, words: str) -> None:
    with pytest.raises(FullDiskError, match="disk is full"), whole(tmp_path / "out"):
        raise RuntimeError(words)
    assert not entries(tmp_path)
