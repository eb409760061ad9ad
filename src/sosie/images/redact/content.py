"""The items of a structured report, by the concepts that name them (Table E.3.4-1 of PS3.15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sosie.images.finding import TagFinding
from sosie.images.redact.case import Case
from sosie.images.redact.values import NOTHING
from sosie.images.standard import Rule, concept_rule

if TYPE_CHECKING:
    from pydicom import Dataset

CONTENT, CONTEXT, CONCEPT, UID, REFERENCED = 0x0040A730, 0x00400555, 0x0040A043, 0x0040A124, 0x00081199
HOLDERS = frozenset({CONTENT, CONTEXT})
"""Sequences whose items are content items."""
SHORT = 30
"""Characters under which a text with figures is a number, which another number may stand for."""


def refers(found: Rule, dataset: Dataset, tag: Any) -> bool:
    """Tell whether a sequence that may be empty holds references, and nothing but the UIDs of what it refers to.

    Under other UIDs, the same in all instances, it tells no more than those that the table replaces (``X/Z/U*``).
    """
    if found.options.get("uids") != "K" or "Z" not in found.basic:
        return False
    try:
        items = dataset[tag].value
        leaves = [element.VR for item in items for element in item.iterall() if element.VR != "SQ"]
    except Exception:  # what cannot be read refers to nothing
        return False
    return bool(leaves) and all(representation == "UI" for representation in leaves)


def _points(found: Rule | None, item: Dataset) -> bool:
    """Tell whether a content item says nothing but the UID of something, which another one stands for."""
    return found is not None and found.options.get("uids") == "K" and (UID in item or REFERENCED in item)


def treat(
    item: Dataset, path: str, case: Case, options: frozenset[str], dummies: bool, findings: list[TagFinding]
) -> bool:
    """Treat the concept of a content item in place; return whether the item stays. Its elements are treated after it.

    Parameters
    ----------
    item : Dataset
    path : str
        Of the item, with its slash.
    case : Case
    options : frozenset of str
        Of the profile.
    dummies : bool
        Whether no text stays, whatever the concept.
    findings : list of TagFinding
    """
    concepts = item.get(CONCEPT)
    concept = concepts.value[0] if concepts is not None and concepts.value else None
    found = concept and concept_rule(str(concept.get("CodingSchemeDesignator", "")), str(concept.get("CodeValue", "")))
    action = found.action(options) if found else ""
    if action == "X" and CONTENT not in item and not _points(found, item):
        return False
    if (dummies or action in ("X", "D", "X/D")) and "TextValue" in item:
        text = str(item.TextValue)
        numbered = any(character.isdigit() for character in text) and len(text) < SHORT
        item.TextValue = case.number(text) if numbered else NOTHING
        findings.append(TagFinding(f"{path}(0040,A160)", "CONTENT", "replaced"))
    return True
