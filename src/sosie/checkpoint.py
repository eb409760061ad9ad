"""What a run has done so far, kept beside its output so that a run that was killed goes on from there.

The folder is hidden, for its owner alone (0700), and named after the output. It holds the secret entropy of the run's
random numbers, the decisions that depend on the clock, and the results of the tasks that have ended. Results of attacks
are scores of patients: personal data, which go when the run ends. A run goes on only from its own work: the identity
of its inputs, settings and version is kept as an HMAC under a key of the folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sosie.engine import Event, Listener, Shelf, silent
from sosie.errors import FullDiskError, ManifestError, disk_is_full

Value = TypeVar("Value")
Identify = Callable[[bytes], str]
"""From the key of the folder to the digest, under that key, of all that the results depend on."""

STATE, LOCK = "run.json", "lock"


@dataclass(frozen=True)
class Results:
    """The results of one call of a map, one file a task."""

    folder: Path

    def load(self, number: int) -> Any | None:
        """Return a result that was kept whole, else None."""
        path = self._path(number)
        try:
            with np.load(path, allow_pickle=False) as kept:
                return _unpacked(json.loads(str(kept["shape"])), kept)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def save(self, number: int, result: Any) -> None:
        """Keep a result made of arrays, numbers and texts, in sequences; any other is computed again next time."""
        arrays: dict[str, np.ndarray] = {}
        try:
            shape = json.dumps(_packed(result, arrays))
        except TypeError:
            return
        beside = self.folder / f".{number}"
        with beside.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, shape=np.array(shape), **arrays)
        beside.replace(self._path(number))

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.npz"


@dataclass
class Checkpoint:
    """The state of one run.

    Parameters
    ----------
    folder : Path, optional
        None where nothing is kept, for work in memory.
    entropy : int
        Seeds the run's random numbers; secret.
    run : str
        Names the run, whatever the number of times it was started.
    resumed : bool
        Whether an earlier start of this run was found.
    """

    folder: Path | None = None
    entropy: int = field(default_factory=lambda: secrets.randbits(128), repr=False)
    run: str = field(default_factory=lambda: secrets.token_hex(16))
    resumed: bool = False
    _state: dict[str, Any] = field(default_factory=dict, repr=False)
    _calls: dict[str, int] = field(default_factory=dict, repr=False)

    def remember(self, name: str, compute: Callable[[], Value]) -> Value:
        """Return a decision that was taken before, else take it and keep it. It must be JSON-ready."""
        decisions: dict[str, Any] = self._state.setdefault("decisions", {})
        if name not in decisions:
            decisions[name] = compute()
            if self.folder is not None:
                _write(self.folder / STATE, self._state)
        kept: Value = decisions[name]
        return kept

    def shelf(self, stage: str, tasks: int) -> Shelf:
        """Return where the next call of a stage keeps its results."""
        if self.folder is None:
            return _NOWHERE
        call = self._calls[stage] = self._calls.get(stage, 0) + 1
        word = "".join(letter if letter.isalnum() else "-" for letter in stage)
        folder = self.folder / f"{word}-{call}-{tasks}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return Results(folder)


@dataclass(frozen=True)
class _Nowhere:
    """Keeps nothing."""

    def load(self, number: int) -> None:
        """Return nothing."""

    def save(self, number: int, result: Any) -> None:
        """Do nothing."""


_NOWHERE = _Nowhere()


@contextmanager
def resumable(out: Path, identify: Identify, listener: Listener = silent) -> Iterator[Checkpoint]:
    """Give the checkpoint of the run that writes ``out``; it goes when the run ends, or fails for a reason of its own.

    It stays when the run is interrupted, or the disk is full: the same command then goes on from it.

    Raises
    ------
    ManifestError
        When another run is writing ``out``, or nothing can be written beside it.
    """
    out = out.resolve()
    folder = out.parent / f".{out.name}.sosie-run"
    made = [parent for parent in (out.parent, *out.parent.parents) if not parent.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder, out)
    except OSError as error:
        raise ManifestError(f"--out {out}: cannot be written ({error.strerror})") from error
    stays = False
    try:
        yield _begin(folder, identify, listener)
    except (KeyboardInterrupt, SystemExit):
        stays = True
        raise
    except FullDiskError:
        stays = True
        raise
    except Exception as error:
        stays = disk_is_full(error)
        if stays:
            raise FullDiskError(out) from error
        raise
    finally:
        if not stays:
            # The state first: without it, what a kill would leave of the rest is never taken for a run.
            (folder / STATE).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            for parent in made:
                with suppress(OSError):
                    parent.rmdir()
        os.close(lock)


def _lock(folder: Path, out: Path) -> int:
    """Return the handle of the lock that only one run holds; the system lets go of it when the run dies."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise ManifestError(f"--out {out}: {folder.name} stands beside it and is not ours; remove it")
        try:
            handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A run that ended in between took the file with it: that lock guards nothing any more.
            if os.fstat(handle).st_ino == (folder / LOCK).stat().st_ino:
                return handle
            os.close(handle)
        except BlockingIOError as error:
            os.close(handle)
            raise ManifestError(
                f"--out {out}: another run is writing there; wait for its end, or name another folder"
            ) from error
        except FileNotFoundError:
            os.close(handle)


def _begin(folder: Path, identify: Identify, listener: Listener) -> Checkpoint:
    """Take up the run whose work is in the folder, when it is this one; else start clean."""
    state = _read(folder / STATE)
    if state is not None and state["identity"] == identify(bytes.fromhex(state["key"])):
        listener(Event("resume", 0))
        return Checkpoint(folder, int(state["entropy"], 16), state["run"], True, state)
    if state is not None:
        listener(Event("restart", 0))
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != LOCK:
            entry.unlink()
    key = secrets.token_bytes(32)
    fresh = Checkpoint(folder)
    fresh._state = {
        "key": key.hex(),
        "identity": identify(key),
        "entropy": f"{fresh.entropy:x}",
        "run": fresh.run,
        "decisions": {},
    }
    _write(folder / STATE, fresh._state)
    return fresh


def _read(path: Path) -> dict[str, Any] | None:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(state, dict) and {"key", "identity", "entropy", "run", "decisions"} <= state.keys()
    return state if whole else None


def _write(path: Path, state: dict[str, Any]) -> None:
    beside = path.with_name(f".{path.name}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _packed(result: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return the shape of a result as JSON, and put its arrays aside."""
    if isinstance(result, np.ndarray | np.generic) and result.dtype != object:
        name = f"a{len(arrays)}"
        arrays[name] = np.asarray(result)
        return {"array": name, "scalar": isinstance(result, np.generic)}
    if type(result) in (tuple, list):
        return {"items": [_packed(item, arrays) for item in result], "tuple": type(result) is tuple}
    if type(result) in (bool, int, float, str, type(None)):
        return {"value": result}
    raise TypeError(f"a {type(result).__name__} is not kept")


def _unpacked(shape: Any, arrays: Any) -> Any:
    if "array" in shape:
        array = arrays[shape["array"]]
        return array[()] if shape["scalar"] else array
    if "items" in shape:
        items = [_unpacked(item, arrays) for item in shape["items"]]
        return tuple(items) if shape["tuple"] else items
    return shape["value"]
