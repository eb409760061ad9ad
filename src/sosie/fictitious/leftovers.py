"""The planted identifiers, looked for in a release: none of what names a fictitious patient may stand in any file.

Files are read as bytes, and text also without its accents; what is packed (Parquet, Excel, bgzip) is unpacked by the
readers that the self-test uses, not here. Looked for are what no double can have by chance: insurance numbers,
telephone numbers with their owner's name nearby, numbers of patients as whole words, and full names.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

from sosie.fictitious import patients

_NUMBER = re.compile(rb"(?<![\w.])\d{6}(?![\w.])")


def leftovers(cohort: Path, release: Path) -> dict[str, int]:
    """Count planted identifiers in a release, by kind.

    Parameters
    ----------
    cohort : Path
        Folder of the fictitious cohort.
    release : Path
        Folder of the doubles' data.
    """
    with (cohort / patients.NAME).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    numbers = {row["nir"] for row in rows}
    keys = {row["id_patient"].encode() for row in rows}
    names = {_folded(f"{row['nom']} {row['prenom']}") for row in rows} | {
        _folded(f"{row['prenom']} {row['nom']}") for row in rows
    }
    found: Counter[str] = Counter({"nir": 0, "number": 0, "name": 0})
    for path in sorted(release.rglob("*")):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        found["number"] += sum(key.encode() in keys for key in (path.stem, path.parent.name))
        found["number"] += sum(match in keys for match in _NUMBER.findall(raw))
        text = raw.decode("utf-8", errors="replace")
        digits = set(re.findall(r"[12]\d{12,14}", text.replace(" ", "")))
        found["nir"] += len(digits & numbers)
        words = _folded(text).split()
        found["name"] += sum(f"{one} {other}" in names for one, other in pairwise(words))
    return dict(found)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return " ".join(re.sub(r"[^a-z]+", " ", "".join(c for c in decomposed if not unicodedata.combining(c))).split())
