import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sosie.checkpoint import Checkpoint, resumable
from sosie.engine import Engine, Event
from sosie.errors import FullDiskError, ManifestError


def same(key: bytes) -> str:
    return "inputs"


def other(key: bytes) -> str:
    return "other inputs"


def folder_of(out: Path) -> Path:
    return out.parent / f".{out.name}.sosie-run"


def stop_after(out: Path, work: Callable[[Checkpoint], object]) -> Checkpoint:
    """Do some work of a run, then stop it."""
    begun: list[Checkpoint] = []

    def stopped() -> None:
        with resumable(out, same) as kept:
            begun.append(kept)
            work(kept)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    return begun[0]


def interrupt(out: Path) -> Checkpoint:
    """Take a decision and do three tasks, then stop."""

    def work(kept: Checkpoint) -> None:
        kept.remember("rounds", lambda: 7)
        Engine(1, kept).map(lambda task: np.full(2, float(task)), range(3), stage="attack")

    return stop_after(out, work)


def never(task: int) -> np.ndarray:
    raise AssertionError


def test_a_run_that_was_stopped_goes_on_with_its_numbers_its_decisions_and_its_results(tmp_path: Path) -> None:
    first = interrupt(tmp_path / "out")
    with resumable(tmp_path / "out", same) as kept:
        assert kept.resumed
        assert (kept.entropy, kept.run) == (first.entropy, first.run)
        assert kept.remember("rounds", lambda: 9) == 7
        results = Engine(1, kept).map(never, range(3), stage="attack")
        assert [list(result) for result in results] == [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]


@pytest.mark.parametrize("jobs", [1, 2])
def test_only_what_is_missing_is_computed(tmp_path: Path, jobs: int) -> None:
    interrupt(tmp_path / "out")
    (folder_of(tmp_path / "out") / "attack-1-3" / "1.npz").write_bytes(b"half a fi")
    asked: list[int] = []

    def square(task: int) -> np.ndarray:
        asked.append(task)
        return np.full(2, float(task))

    with resumable(tmp_path / "out", same) as kept:
        results = Engine(jobs, kept).map(square, range(3), stage="attack")
    assert asked == [1]
    assert [result[0] for result in results] == [0.0, 1.0, 2.0]


def test_the_calls_of_a_stage_are_told_apart(tmp_path: Path) -> None:
    def twice(kept: Checkpoint) -> None:
        for call in range(2):
            Engine(1, kept).map(lambda task, call=call: float(call), range(2), stage="attack")

    stop_after(tmp_path / "out", twice)
    with resumable(tmp_path / "out", same) as kept:
        assert [Engine(1, kept).map(never, range(2), stage="attack") for _ in range(2)] == [[0.0, 0.0], [1.0, 1.0]]


def test_results_come_back_as_they_were(tmp_path: Path) -> None:
    result = (np.arange(6).reshape(2, 3), [np.array([True]), 1.5], "name", None, np.float64(0.25))
    shelf = _shelf(tmp_path)
    shelf.save(0, result)
    back = shelf.load(0)
    assert back is not None
    assert (type(back), type(back[1]), type(back[4])) == (tuple, list, np.float64)
    np.testing.assert_array_equal(back[0], result[0])
    assert back[1][0].dtype == np.bool_
    assert back[1:] == result[1:]


def test_a_result_of_another_kind_is_computed_again(tmp_path: Path) -> None:
    shelf = _shelf(tmp_path)
    for number, result in enumerate([{"a": 1}, object(), np.array([object()]), Path()]):
        shelf.save(number, result)
        assert shelf.load(number) is None
    assert not list(tmp_path.rglob("*.npz"))


def test_other_inputs_start_clean_and_say_so(tmp_path: Path) -> None:
    first = interrupt(tmp_path / "out")
    heard: list[Event] = []
    with resumable(tmp_path / "out", other, heard.append) as kept:
        assert not kept.resumed
        assert kept.entropy != first.entropy
        assert kept.remember("rounds", lambda: 9) == 9
        assert Engine(1, kept).map(float, range(3), stage="attack") == [0.0, 1.0, 2.0]
    assert [event.stage for event in heard] == ["restart"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": "00"}'])
def test_a_damaged_state_starts_clean(tmp_path: Path, content: str) -> None:
    interrupt(tmp_path / "out")
    (folder_of(tmp_path / "out") / "run.json").write_text(content)
    with resumable(tmp_path / "out", same) as kept:
        assert not kept.resumed
        assert Engine(1, kept).map(float, range(3), stage="attack") == [0.0, 1.0, 2.0]


def test_nothing_stays_of_a_run_that_ends_or_fails(tmp_path: Path) -> None:
    with resumable(tmp_path / "deep" / "out", same) as kept:
        Engine(1, kept).map(float, range(3), stage="attack")
    with pytest.raises(ValueError, match=r"^$"), resumable(tmp_path / "deep" / "out", same):
        raise ValueError
    assert not list(tmp_path.iterdir())


def test_only_its_owner_reads_it_and_the_inputs_cannot_be_guessed_from_it(tmp_path: Path) -> None:
    keys: list[bytes] = []

    def identify(key: bytes) -> str:
        keys.append(key)
        return "digest"

    with resumable(tmp_path / "out", identify):
        folder = folder_of(tmp_path / "out")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "run.json").stat().st_mode) == 0o600
        assert json.loads((folder / "run.json").read_text())["key"] == keys[0].hex()
    with resumable(tmp_path / "out", identify):
        pass
    assert keys[0] != keys[1]


def test_two_runs_do_not_write_one_output(tmp_path: Path) -> None:
    with resumable(tmp_path / "out", same) as kept:
        with pytest.raises(ManifestError, match="another run"), resumable(tmp_path / "out", same):
            pytest.fail("the second run began")
        Engine(1, kept).map(float, range(3), stage="attack")
    with resumable(tmp_path / "out", same):
        pass


def test_a_folder_that_others_could_have_made_is_not_trusted(tmp_path: Path) -> None:
    folder_of(tmp_path / "out").mkdir(mode=0o755)
    with pytest.raises(ManifestError, match="not ours"), resumable(tmp_path / "out", same):
        pytest.fail("the run began")


def test_a_full_disk_is_said_and_the_work_stays(tmp_path: Path) -> None:
    interrupt(tmp_path / "out")
    with pytest.raises(FullDiskError, match="full"), resumable(tmp_path / "out", same):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with resumable(tmp_path / "out", same) as kept:
        assert kept.resumed


def test_in_memory_nothing_is_kept(tmp_path: Path) -> None:
    kept = Checkpoint()
    assert kept.remember("rounds", lambda: 7) == 7
    assert Engine(1, kept).map(float, range(2), stage="attack") == [0.0, 1.0]
    assert Checkpoint().entropy != kept.entropy


def _shelf(out: Path):  # type: ignore[no-untyped-def]
    kept = Checkpoint(out)
    return kept.shelf("attack", 4)
