"""The strings and numbers of a JSON text, where they stand, so that they can be replaced and nothing else changes.

A parsed and dumped JSON is another file: its spaces, its escapes, its decimals differ. Here the text is kept, and new
values are cut into it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]

Step = str | int
Path = tuple[Step, ...]
_BLANK = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|NaN|-?Infinity")
_INTEGER = re.compile(r"0|-?[1-9]\d*")


class NotJson(ValueError):  # noqa: N818 - see NotReadable
    """A text is no JSON; nothing of it is quoted."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A string or a number of a JSON text.

    Parameters
    ----------
    path : tuple of str and int
        Keys and positions that lead to it.
    start, end : int
        Where it stands, quotes included.
    value : str
        Decoded; a number as it is written.
    number : bool
    """

    path: Path
    start: int
    end: int
    value: str
    number: bool = False

    @property
    def key(self) -> str:
        """The nearest key above it."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")


def leaves(text: str) -> Iterator[Leaf]:
    """Return the strings and numbers of a JSON text in their order, nesting of any depth.

    Raises
    ------
    NotJson
    """
    try:
        yield from _leaves(text)
    except (json.JSONDecodeError, IndexError, StopIteration):
        raise NotJson("not JSON") from None


def _leaves(text: str) -> Iterator[Leaf]:
    path: list[Step] = []
    ends: list[str] = []
    at = _skip(text, 0)
    while True:
        at = _skip(text, at)
        first = text[at]
        if first in "{[":
            at = _skip(text, at + 1)
            if text[at] == ("}" if first == "{" else "]"):
                at += 1
            else:
                ends.append(first)
                path.append("" if first == "{" else 0)
                if first == "{":
                    path[-1], at = _key(text, at)
                continue
        elif first == '"':
            value, end = scanstring(text, at + 1, False)
            yield Leaf(tuple(path), at, end, value)
            at = end
        else:
            plain = _PLAIN.match(text, at)
            if plain is None:
                raise NotJson("not JSON")
            if plain[0][-1].isdigit():
                yield Leaf(tuple(path), at, plain.end(), plain[0], number=True)
            at = plain.end()
        while ends:
            at = _skip(text, at)
            last = ends[-1]
            if text[at] == ",":
                at = _skip(text, at + 1)
                step = path[-1]
                if last == "{":
                    path[-1], at = _key(text, at)
                else:
                    assert isinstance(step, int)
                    path[-1] = step + 1
                break
            if text[at] != ("}" if last == "{" else "]"):
                raise NotJson("not JSON")
            ends.pop()
            path.pop()
            at += 1
        else:
            if _skip(text, at) != len(text):
                raise NotJson("not JSON")
            return


def _key(text: str, at: int) -> tuple[str, int]:
    if text[at] != '"':
        raise NotJson("not JSON")
    key, at = scanstring(text, at + 1, False)
    at = _skip(text, at)
    if text[at] != ":":
        raise NotJson("not JSON")
    return key, at + 1


def _skip(text: str, at: int) -> int:
    if text[at : at + 1] > " ":
        return at
    found = _BLANK.match(text, at)
    assert found is not None
    return found.end()


@dataclass
class Splice:
    """A JSON text whose leaves are given new values."""

    text: str
    _changes: dict[int, tuple[int, str]] = field(default_factory=dict)

    def put(self, leaf: Leaf) -> Callable[[str], None]:
        """Return what takes the new value of a leaf; a number stays one where the value is."""

        def replace(value: str) -> None:
            if leaf.number and _INTEGER.fullmatch(value):
                self._changes[leaf.start] = leaf.end, value
                return
            self._changes[leaf.start] = leaf.end, self._quoted(value, leaf)

        return replace

    def _quoted(self, value: str, leaf: Leaf) -> str:
        old = self.text[leaf.start : leaf.end]
        escaped = "\\u" in old or (old.isascii() and self.text.isascii() and not value.isascii())
        quoted = json.dumps(value, ensure_ascii=escaped)
        return re.sub("[\ud800-\udfff]", lambda lone: f"\\u{ord(lone[0]):04x}", quoted)

    def whole(self) -> str:
        """Return the text with its new values."""
        pieces, done = [], 0
        for start in sorted(self._changes):
            end, value = self._changes[start]
            pieces += [self.text[done:start], value]
            done = end
        return "".join([*pieces, self.text[done:]])
