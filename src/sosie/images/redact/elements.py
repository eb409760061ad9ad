"""The elements of a dataset, each treated as Table E.1-1 says, at any depth; then what no table foresees is looked for.

An element that the table does not name stays, but for what identifies in it: a name in any text, a date that would
betray by how much the others moved, bytes that hold a number of the patient.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sosie.images import charset
from sosie.images.finding import TagFinding
from sosie.images.identify.collect import texts as strings
from sosie.images.redact import content
from sosie.images.redact.case import Case
from sosie.images.redact.documents import DOCUMENT
from sosie.images.redact.graphics import OVERLAYS, PLANE
from sosie.images.redact.private import Blocks
from sosie.images.redact.profile import Profile
from sosie.images.redact.texts import Texts
from sosie.images.redact.values import (
    DAY,
    LENGTHS,
    age,
    dummy,
    each,
    is_class,
    keyword,
    labelled,
    resolved,
    says_nothing,
    written,
)
from sosie.images.standard import kind, rule

if TYPE_CHECKING:
    from pydicom import Dataset

CHARACTER_SET, PIXELS = 0x00080005, 0x7FE0
NAME, NUMBER, BORN, ACCESSION, STUDY, SEX = (0x00100010, 0x00100020, 0x00100030, 0x00080050, 0x00200010, 0x00100040)
CODES = frozenset({0x00080100, 0x00080102, 0x00080103, 0x00080119, 0x00080120})
"""What stands for a concept, and whose code it is."""
_SHORT = frozenset({"LO", "SH", "UC", "AE", "UR"})
_LONG = frozenset({"LT", "ST", "UT"})
_NUMBERS = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "OF", "OD", "OL", "OV", "UV", "SV", "AT", "TM"})
_FIGURES = frozenset({"DS", "IS"})
_BYTES = frozenset({"OB", "OW", "UN"})
_TALKING = re.compile(r"Description|Comment|Label|Explanation|Remark|Reason|Notes?$|Instruction|Summary")
Way = Callable[[str], str]


@dataclass
class Elements:
    """Cleans the elements of one instance.

    Parameters
    ----------
    profile : Profile
    case : Case
    storage_class : str
    findings : list of TagFinding
        Grows.
    """

    profile: Profile
    case: Case
    storage_class: str
    findings: list[TagFinding] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare what all elements share."""
        self.options = self.profile.options
        self.wide = False
        self.texts = Texts(self.case, self.profile.retain_uids)

    def clean(self, dataset: Dataset, path: str = "", parent: int | None = None) -> None:
        """Clean a dataset, or an item of a sequence, in place."""
        blocks = Blocks(dataset)
        for tag, element in list(dataset.items()):
            number = int(tag)
            if number in (CHARACTER_SET, DOCUMENT) or number >> 16 == PIXELS:
                continue
            if number >> 24 == OVERLAYS and number & 0xFFFF == PLANE and not path:
                continue
            if number & 0xFFFF == 0:
                del dataset[tag]
            elif (number >> 16) & 1:
                self._private(dataset, tag, blocks, path)
            else:
                self._public(dataset, tag, element, path, parent)
        blocks.drop_creators(dataset)

    def _public(self, dataset: Dataset, tag: Any, element: Any, path: str, parent: int | None) -> None:
        found, representation = rule(int(tag)), charset.representation(int(tag), element.VR)
        if found is None and self._stays(int(tag), element.value, representation):
            return
        action = ""
        if found is not None:
            action = resolved(found.action(self.options), kind(self.storage_class, int(tag), parent))
            if action in ("X", "Z") and representation == "SQ" and content.refers(found, dataset, tag):
                action = "U"
            if action == "X":
                self._remove(dataset, tag, path, labelled(int(tag), representation))
                return
        value: Any = charset.spelt(element, representation)
        if value is None:
            try:
                value = dataset[tag].value
            except Exception:  # what cannot be read cannot be examined
                self._remove(dataset, tag, path, "UNREADABLE")
                return
        if found is None:
            self._unlisted(dataset, tag, representation, value, path)
            return
        self._listed(dataset, tag, representation, value, path, action, found.options)

    def _stays(self, tag: int, raw: Any, representation: str) -> bool:
        """Tell, without reading its value, that an element the table does not name can stay as it is."""
        if representation in _NUMBERS:
            return True
        if not isinstance(raw, bytes) or not raw.isascii():
            return False
        text = raw.decode("ascii").strip(" \0")
        if representation in _FIGURES:
            return not self.case.finder.is_number(text)
        way = self._way(tag, representation)
        return way is not None and way(text) == text

    def _way(self, tag: int, representation: str) -> Way | None:
        """Return how a text that the table does not name is read."""
        if representation == "CS" or tag in CODES:
            return self.texts.coded
        if representation in _LONG:
            return self.texts.prose
        if representation in _SHORT:
            return self.texts.cleaned if _TALKING.search(keyword(tag)) else self.texts.swept
        return None

    def _unlisted(self, dataset: Dataset, tag: Any, representation: str, value: Any, path: str) -> None:
        if representation == "SQ":
            self._sequence(dataset, tag, path)
        elif representation in ("PN", "DA", "DT"):
            self._changed(dataset, tag, representation, value, path)
        elif representation == "UI":
            if not self.profile.retain_uids and not is_class(int(tag)):
                self._put(dataset, tag, representation, value, each(value, self._uid), path, "replaced")
        elif representation == "AS":
            self._put(dataset, tag, representation, value, each(value, age), path, "cleaned")
        elif representation in _FIGURES:
            if any(self.case.finder.is_number(text) for text in strings(value)):
                self._put(dataset, tag, representation, value, "", path, "emptied")
        elif (way := self._way(int(tag), representation)) is not None:
            self._put(dataset, tag, representation, value, each(value, way), path, "cleaned")
        elif representation in _BYTES and isinstance(value, bytes) and self.case.finder.inside(value):
            self._put(dataset, tag, representation, value, bytes(len(value)), path, "emptied")

    def _listed(
        self,
        dataset: Dataset,
        tag: Any,
        representation: str,
        value: Any,
        path: str,
        action: str,
        options: Iterable[str],
    ) -> None:
        number = int(tag)
        if representation == "SQ" and action in ("K", "C", "U", "D"):
            self._sequence(dataset, tag, path, dummies=action == "D" and number in content.HOLDERS)
        elif action == "K":
            if representation == "AS":
                self._put(dataset, tag, representation, value, each(value, age), path, "cleaned")
        elif action == "U" or representation == "UI":
            self._put(dataset, tag, "UI", value, each(value, self._uid), path, "replaced")
        elif action == "C":
            self._changed(dataset, tag, representation, value, path)
        elif (new := self._known(number, value, path)) is not None:
            self._put(dataset, tag, representation, value, new, path, "replaced" if new else "emptied")
        elif action == "Z":
            self._put(dataset, tag, representation, value, [] if representation == "SQ" else "", path, "emptied")
        else:
            self._put(dataset, tag, representation, value, dummy(representation, value, self.case), path, "replaced")

    def _known(self, tag: int, value: Any, path: str) -> str | None:
        """Return what stands for what the standard may leave empty, and what links the records of a patient."""
        text = next(strings(value), "")
        if tag == NAME:
            return self.case.person(text)
        if tag == NUMBER:
            return self.case.number(text) if path else self.case.identifier()
        if tag in (ACCESSION, STUDY):
            return self.case.number(text)
        if tag == BORN and self.profile.dates != "none":
            return "" if self.case.old else self.case.moved(text) or ""
        return None

    def _changed(self, dataset: Dataset, tag: Any, representation: str, value: Any, path: str) -> None:
        """Clean a value: what identifies is replaced, the rest stays."""
        if representation == "PN":
            self._put(dataset, tag, representation, value, each(value, self.case.person), path, "replaced")
        elif representation in ("DA", "DT"):
            if self.profile.dates == "none":
                self._put(dataset, tag, representation, value, each(value, lambda _: DAY), path, "replaced")
            else:
                self._put(dataset, tag, representation, value, each(value, self._moved), path, "shifted")
        elif representation in _LONG:
            self._put(dataset, tag, representation, value, each(value, self.texts.prose), path, "cleaned")
        elif representation in _SHORT:
            self._put(dataset, tag, representation, value, each(value, self.texts.cleaned), path, "cleaned")
        elif representation == "CS":
            self._put(dataset, tag, representation, value, each(value, self.texts.coded), path, "cleaned")
        elif representation in _BYTES and isinstance(value, bytes):
            text = self.texts.prose(charset.decoded(value).rstrip(" \0"))
            if self.case.finder.inside(value) or text.isprintable():
                self._put(dataset, tag, representation, value, text.encode(), path, "cleaned")

    def _moved(self, written: str) -> str:
        if not written.strip() or not self.case.moves:
            return written
        return self.case.moved(written) or ""

    def _uid(self, written: str) -> str:
        kept = not written or written.startswith("1.2.840.10008.") or self.profile.retain_uids
        return written if kept else self.case.pseudonyms.uid(written)

    def _sequence(self, dataset: Dataset, tag: Any, path: str, dummies: bool = False) -> None:
        items = dataset[tag].value
        if isinstance(items, (bytes, str)) or items is None:
            if items:
                self._remove(dataset, tag, path, "UNREADABLE")
            return
        kept = []
        for at, item in enumerate(items):
            place = f"{path}{written(tag)}[{at}]/"
            if int(tag) in content.HOLDERS and not content.treat(
                item, place, self.case, self.options, dummies, self.findings
            ):
                self.findings.append(TagFinding(place[:-1], "CONTENT", "removed"))
                continue
            self.clean(item, place, int(tag))
            kept.append(item)
        if len(kept) != len(items):
            dataset[tag].value = kept

    def _private(self, dataset: Dataset, tag: Any, blocks: Blocks, path: str) -> None:
        if blocks.is_creator(int(tag)):
            return
        representation = blocks.safe(int(tag)) if self.profile.retain_safe_private else None
        try:
            value = dataset[tag].value if representation else None
        except Exception:  # what cannot be read cannot be examined
            representation = None
        if representation is None or not self._private_stays(dataset, tag, representation, value, path):
            self._remove(dataset, tag, path, "PRIVATE")
        else:
            blocks.keep(int(tag))

    def _private_stays(self, dataset: Dataset, tag: Any, representation: str, value: Any, path: str) -> bool:
        if isinstance(value, bytes):
            if representation in _FIGURES:
                return all(says_nothing(text, self.case) for text in charset.decoded(value).split("\\"))
            held = representation in ("UI", "DA", "DT", "PN", "SQ")
            return not held and not self.case.finder.inside(value) and not self.case.finder.find(charset.decoded(value))
        if representation == "UI":
            self._put(dataset, tag, "UI", value, each(value, self._uid), path, "replaced")
        elif representation in ("DA", "DT", "PN"):
            self._changed(dataset, tag, representation, value, path)
        elif representation == "SQ":
            self._sequence(dataset, tag, path)
        elif representation in _NUMBERS | _FIGURES:
            return all(says_nothing(text, self.case) for text in strings(value))
        else:
            return not any(self.case.finder.find(text) for text in strings(value))
        return True

    def _put(
        self, dataset: Dataset, tag: Any, representation: str, value: Any, new: Any, path: str, action: str
    ) -> None:
        """Set a value, where it is another, and say so."""
        from pydicom.dataelem import DataElement

        old = list(strings(value))
        if old == list(strings(new)) and representation == (dataset.get_item(tag).VR or representation):
            return
        if representation in LENGTHS:
            # A surrogate may be longer than the name that it replaces, and than the standard allows.
            longest = max([LENGTHS[representation], *map(len, old)])
            new = [text[:longest] for text in new] if isinstance(new, list) else new[:longest]
        dataset[tag] = DataElement(tag, representation, new)
        self.wide = self.wide or not all(text.isascii() for text in strings(new))
        self.findings.append(TagFinding(path + written(tag), labelled(int(tag), representation), action))

    def _remove(self, dataset: Dataset, tag: Any, path: str, label: str) -> None:
        del dataset[tag]
        self.findings.append(TagFinding(path + written(tag), label, "removed"))
