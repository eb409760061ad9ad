r"""A small grammar of notes: rules with alternatives, written as text, expanded at random.

``= name`` opens a rule whose alternatives are the lines below it; ``== name`` opens one alternative of several lines.
Inside: ``<a|b>`` chooses, ``{slot}`` calls a slot of the scene or a rule, ``{slot*2-4}`` repeats it with spaces between,
``{slot/2-4}`` with line ends between, ``{LABEL:slot}`` makes one entity of what the slot or rule gives, ``\n`` ends a line.
Lines that begin with ``#`` are comments.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from sosie.notes.document import Label
from training.notes.draft import Piece

Slots = Callable[[str], list[Piece] | None]
_REPEAT = re.compile(r"(.+?)([*/])(\d+)-(\d+)$")

DOCUMENTS = ("letter", "report", "short", "stream", "form", "roster", "mixed")
"""Rules whose alternatives are skeletons of whole documents."""

Text = str
Choice = tuple["Node", ...]
Node = list["Text | tuple[str, object]"]


class Grammar:
    """Rules read from the files of a folder.

    Parameters
    ----------
    folder : Path
    part : {"all", "known", "held"}
        Every sixth skeleton (whole documents and sentences that name somebody) is left out of ``known`` and alone in ``held``, so that what is
        learned on the first can be measured on the second.
    """

    def __init__(self, folder: Path, part: str = "all") -> None:
        self.rules: dict[str, list[Node]] = defaultdict(list)
        for file in sorted(folder.glob("*.rules")):
            self._read(file.read_text(encoding="utf-8"))
        for name, nodes in self.rules.items():
            if part != "all" and len(nodes) >= 6 and (name in DOCUMENTS or name.startswith("m.")):
                self.rules[name] = [node for at, node in enumerate(nodes) if (at % 6 == 5) == (part == "held")]

    def _read(self, text: str) -> None:
        name, block = "", None
        for line in [*text.split("\n"), "= end"]:
            if line.startswith("="):
                if block is not None:
                    self.rules[name].append(parse("\n".join(block).strip("\n").replace("\\n", "\n")))
                block = [] if line.startswith("==") else None
                name = line.strip("= ")
            elif block is not None:
                block.append(line)
            elif line.strip() and not line.startswith("#"):
                self.rules[name].append(parse(line.replace("\\n", "\n")))

    def expand(self, name: str, slots: Slots, rng: random.Random) -> list[Piece]:
        """Pieces of one random expansion of a rule."""
        out: list[Piece] = []
        self._rule(name, slots, rng, out)
        return out

    def _rule(self, name: str, slots: Slots, rng: random.Random, out: list[Piece]) -> None:
        label, colon, inner = name.partition(":")
        if colon:
            out.append(("".join(text for text, _ in self.expand(inner, slots, rng)), Label[label]))
            return
        pieces = slots(name)
        if pieces is not None:
            out.extend(pieces)
        else:
            self._node(rng.choice(self.rules[name]) if name in self.rules else _missing(name), slots, rng, out)

    def _node(self, node: Node, slots: Slots, rng: random.Random, out: list[Piece]) -> None:
        for part in node:
            if isinstance(part, str):
                out.append((part, None))
                continue
            kind, value = part
            if kind == "choice":
                self._node(rng.choice(value), slots, rng, out)  # type: ignore[call-overload]
            else:
                name, joint, low, high = value  # type: ignore[misc]
                for at in range(rng.randint(low, high)):
                    if at:
                        out.append((joint, None))
                    self._rule(name, slots, rng, out)


def _missing(name: str) -> Node:
    raise KeyError(f"no rule or slot named {name}")


def parse(text: str) -> Node:
    """Read one alternative."""
    node, end = _sequence(text, 0, "")
    if end != len(text):
        raise ValueError(f"unbalanced: {text[max(0, end - 40) : end + 40]!r}")
    return node


def _sequence(text: str, at: int, stops: str) -> tuple[Node, int]:
    node: Node = []
    plain: list[str] = []

    def flush() -> None:
        if plain:
            node.append("".join(plain))
            plain.clear()

    while at < len(text) and text[at] not in stops:
        if text[at] == "<":
            flush()
            options = []
            while True:
                option, at = _sequence(text, at + 1, "|>")
                options.append(option)
                if at >= len(text):
                    raise ValueError(f"unbalanced: {text[:80]!r}")
                if text[at] == ">":
                    break
            node.append(("choice", options))
        elif text[at] == "{":
            flush()
            end = text.index("}", at)
            node.append(("slot", _slot(text[at + 1 : end])))
            at = end
        else:
            plain.append(text[at])
        at += 1
    flush()
    return node, at


def _slot(text: str) -> tuple[str, str, int, int]:
    repeat = _REPEAT.match(text)
    if repeat is None:
        return text, "", 1, 1
    name, joint, low, high = repeat.groups()
    return name, " " if joint == "*" else "\n", int(low), int(high)
