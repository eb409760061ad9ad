"""What became of one image, and how it is kept until the run ends: a run that was killed does not do it again."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sosie.images.finding import BoxFinding, TagFinding
from sosie.stream import Fact


@dataclass(frozen=True)
class Sheet:
    """A masked region, before and after: two small pictures (PNG in base64)."""

    frame: int
    labels: tuple[str, ...]
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What became of one image.

    Parameters
    ----------
    name : str
        In the source.
    file : str
        Name of the new file in the folder of the run; empty where there is none.
    path : str
        Of the new file in the copy.
    tags : tuple of TagFinding
    boxes : tuple of BoxFinding
    notices : tuple of str
        What is to be told of it although it was copied.
    problem : str
        Why it was not copied; empty where it was.
    sheets : tuple of Sheet
    key : str
        Patient key, where the header tells one.
    facts : tuple of Fact
        What the header says of the patient; they are not kept.
    """

    name: str
    file: str = ""
    path: str = ""
    tags: tuple[TagFinding, ...] = ()
    boxes: tuple[BoxFinding, ...] = ()
    notices: tuple[str, ...] = ()
    problem: str = ""
    sheets: tuple[Sheet, ...] = ()
    key: str = field(default="", repr=False)
    facts: tuple[Fact, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Kept:
    """Where new files and answers lie until the copy is whole: for its owner alone.

    Parameters
    ----------
    folder : Path, optional
        None where nothing is written.
    """

    folder: Path | None

    def load(self, digest: str, name: str) -> Answer | None:
        """Return the answer of an image, if it and its new file are there and whole."""
        if self.folder is None:
            return None
        try:
            raw = json.loads(zlib.decompress((self.folder / f"{digest}.json").read_bytes()))
        except (OSError, ValueError, zlib.error):
            return None
        answer = _answer(raw)
        return answer if answer.name == name and (self.folder / answer.file).is_file() else None

    def save(self, digest: str, answer: Answer, data: bytes) -> Answer:
        """Keep a new file, then its answer; return the answer that knows of the file."""
        if self.folder is None:
            return answer
        known = replace(answer, file=f"{digest}.new")
        _write(self.folder / known.file, data)
        # `asdict` copies every value of thousands of findings, one by one: the fields themselves are as good here.
        told = {**vars(known), "key": "", "facts": ()}
        told |= {name: [_fields(one) for one in told[name]] for name in ("tags", "boxes", "sheets")}
        _write(self.folder / f"{digest}.json", zlib.compress(json.dumps(told).encode(), 1))
        return known

    def read(self, answer: Answer) -> bytes:
        """Return the new file of an answer."""
        assert self.folder is not None
        return (self.folder / answer.file).read_bytes()


def _fields(one: TagFinding | BoxFinding | Sheet) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _write(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}")
    beside.write_bytes(data)
    beside.replace(path)


def _answer(raw: dict[str, Any]) -> Answer:
    boxes = tuple(BoxFinding(**{**each, "box": tuple(each["box"])}) for each in raw.pop("boxes"))
    tags = tuple(TagFinding(**each) for each in raw.pop("tags"))
    sheets = tuple(Sheet(**{**each, "labels": tuple(each["labels"])}) for each in raw.pop("sheets"))
    return Answer(**{**raw, "notices": tuple(raw["notices"]), "facts": ()}, boxes=boxes, tags=tags, sheets=sheets)
