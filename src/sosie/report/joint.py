"""What joins the modalities of the doubles, as `sosie.joint.compare` measured it.

Every part is optional and none is trusted: a part that cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sosie.report.reading import mapping, mappings, number, text
from sosie.report.sides import Row
from sosie.report.words import Words


@dataclass(frozen=True)
class JointUtility:
    """Contradictions between modalities, correlations between them, and what one says of another."""

    rules: tuple[Row, ...]
    correlations: tuple[Row, ...]
    predictions: tuple[Row, ...]


def read(raw: object, say: Words) -> JointUtility | None:
    """Read what was measured; None when nothing was."""
    source = mapping(raw)
    if not source:
        return None
    return JointUtility(
        tuple(_rules(source, say)),
        tuple(_pairs(source, "correlations", say)),
        tuple(_pairs(source, "predictions", say)),
    )


def _rules(source: Mapping[str, object], say: Words) -> Iterator[Row]:
    for one in mappings(source.get("consistency")):
        rule = say.known("joint", f"rule_{text(one.get('rule'))}", text(one.get("rule")))
        counted = [number(one.get(name)) for name in ("violated_original", "violated", "checked")]
        real, wrong, checked = (say.number(value) for value in counted)
        name = f"{rule} ({_joined(one.get('modalities'), say)})"
        yield Row(name, real, say("joint.of", count=wrong, total=checked))


def _pairs(source: Mapping[str, object], key: str, say: Words) -> Iterator[Row]:
    for one in mappings(source.get(key)):
        names = one.get("modalities") or [one.get("from"), one.get("to")]
        sides = (say.number(number(one.get(side)), 2) for side in ("original", "doubles"))
        yield Row(_joined(names, say, " → " if key == "predictions" else ", "), *sides)


def _joined(names: object, say: Words, between: str = ", ") -> str:
    listed = names if isinstance(names, list) else []
    return between.join(say.known("joint", f"modality_{text(name)}", text(name)) for name in listed)
