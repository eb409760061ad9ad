"""The answers of a run, kept a window at a time beside its output: a run that was killed does not do them again.

They hold new texts only, and lie in the folder of the checkpoint, for its owner alone. A digest of the window, under
the run's key, tells whether they are its answers.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from sosie.notes.document import Document
from sosie.notes.worker import Answer, Finding
from sosie.pseudonyms import Pseudonyms


@dataclass(frozen=True)
class Kept:
    """Where the answers of windows lie.

    Parameters
    ----------
    folder : Path, optional
        None to keep nothing.
    pseudonyms : Pseudonyms
        Of the run; what digests its windows.
    """

    folder: Path | None
    pseudonyms: Pseudonyms

    def digest(self, window: Sequence[Document]) -> str:
        """Return the digest of a window."""
        if self.folder is None:
            return ""
        told = (f"{each.name}\0{each.patient}\0{each.written}\0{each.text}\1" for each in window)
        return self.pseudonyms.hmac("".join(told).encode("utf-8", "surrogatepass"))

    def load(self, number: int, digest: str) -> list[Answer] | None:
        """Return the answers of a window, if they are there, whole and its own."""
        if self.folder is None:
            return None
        try:
            raw = json.loads(zlib.decompress(self._path(number).read_bytes()))
        except (OSError, ValueError, zlib.error):
            return None
        if raw["window"] != digest:
            return None
        return [
            Answer(at, text, tuple(Finding(*each) for each in found), path, problem)
            for at, text, found, path, problem in raw["answers"]
        ]

    def save(self, number: int, digest: str, answers: Sequence[Answer]) -> None:
        """Keep the answers of a window."""
        if self.folder is None:
            return
        raw = {"window": digest, "answers": [astuple(answer) for answer in answers]}
        beside = self.folder / f".notes-{number}"
        beside.write_bytes(zlib.compress(json.dumps(raw).encode(), 1))
        beside.replace(self._path(number))

    def _path(self, number: int) -> Path:
        assert self.folder is not None
        return self.folder / f"notes-{number}"
