"""Databases: DuckDB files, and any server or file that SQLAlchemy reaches.

An address enters; a table leaves for each query of the manifest, or for each table of the database. The release of a
DuckDB file is a DuckDB file; that of any other database is one Parquet file for each table. A password in an address
never reaches a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import polars as pl

from sosie.errors import ManifestError, UnreadableError
from sosie.tables.frame import FileFormat, Table
from sosie.tables.native import plain, restore

SUFFIXES = frozenset({".duckdb"})
_UNSAFE = re.compile(r"[^\w.-]")
_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9_]*(\+[A-Za-z0-9_]+)?://")


def is_address(source: Path | str) -> bool:
    """Tell whether a source is the address of a database, not a path."""
    return isinstance(source, str) and _ADDRESS.match(source) is not None


def read_duckdb(path: Path, file: str, queries: Mapping[str, str]) -> list[Table]:
    """Read the tables of a DuckDB file, or the answers to the queries."""
    import duckdb

    tables = []
    try:
        with duckdb.connect(str(path), read_only=True) as base:
            wanted = [("", name, query) for name, query in queries.items()] or _duckdb_tables(base)
            for schema, name, query in wanted:
                frame = cast("pl.DataFrame", pl.from_arrow(base.sql(query).to_arrow_table()))
                types = {row[0]: row[1] for row in base.execute(f"DESCRIBE {query}").fetchall()}
                typed, columns = plain(frame, f"{file}, table {name!r}")
                options = {"schema": frame.schema, "database_schema": schema, "types": types, "table": name}
                tables.append(Table(name, typed, columns, FileFormat(file, "duckdb", options)))
    except duckdb.Error as error:
        raise UnreadableError(file, _reason(error, "DuckDB")) from None
    if not tables:
        raise UnreadableError(file, "the database holds no table")
    return tables


def write_duckdb(tables: Sequence[Table], path: Path) -> None:
    """Write one DuckDB file with the tables, names and types that came in."""
    import duckdb

    with duckdb.connect(str(path)) as base:
        for table in tables:
            options = table.file.options
            schema = cast("str", options.get("database_schema")) or "main"
            types = cast("Mapping[str, str]", options.get("types", {}))
            base.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")
            base.register("doubles", restore(table.frame, cast("Any", options.get("schema", {}))).to_arrow())
            cells = ", ".join(_cast(name, types.get(name)) for name in table.frame.columns)
            target = f"{_quoted(schema)}.{_quoted(str(options.get('table', table.name)))}"
            base.execute(f"CREATE TABLE {target} AS SELECT {cells} FROM doubles")
            base.unregister("doubles")


def read_sql(address: str, queries: Mapping[str, str]) -> list[Table]:
    """Read the tables that a SQLAlchemy address reaches, or the answers to the queries."""
    import sqlalchemy as sa

    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        raise ManifestError("the address of the database is malformed; expected dialect://user@host/database") from None
    shown = sa.URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()
    tables = []
    try:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            wanted: dict[str, Any] = {name: sa.text(query) for name, query in queries.items()}
            for name in [] if queries else sorted(sa.inspect(engine).get_table_names()):
                # The reflected types make dates of the text that SQLite stores.
                wanted[name] = sa.select(sa.Table(name, sa.MetaData(), autoload_with=engine))
            for name, query in wanted.items():
                frame = _frame(connection.execute(query), f"{shown}, table {name!r}")
                typed, columns = plain(frame, f"{shown}, table {name!r}")
                options = {"schema": frame.schema, "table": name}
                file = FileFormat(f"{_UNSAFE.sub('_', name)}.parquet", "sql", options)
                tables.append(Table(name, typed, columns, file))
        engine.dispose()
    except (sa.exc.SQLAlchemyError, ImportError, ValueError) as error:
        raise UnreadableError(shown, _reason(error, "the database")) from None
    if not tables:
        raise UnreadableError(shown, "the database holds no table")
    return tables


def _duckdb_tables(base: Any) -> list[tuple[str, str, str]]:
    rows = base.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY 1, 2"
    ).fetchall()
    return [(schema, name, f"SELECT * FROM {_quoted(schema)}.{_quoted(name)}") for schema, name in rows]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cast(name: str, kind: str | None) -> str:
    """Return the expression of a column in its first type; an ENUM would publish the source's rarest categories."""
    if kind is None or kind.startswith("ENUM"):
        return _quoted(name)
    return f"TRY_CAST({_quoted(name)} AS {kind}) AS {_quoted(name)}"


def _frame(result: Any, place: str) -> pl.DataFrame:
    names = list(result.keys())
    repeated = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if repeated is not None:
        raise UnreadableError(place, "two columns of the query have this name; give each its own", column=repeated)
    rows = result.fetchall()
    cells = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pl.DataFrame([_series(name, values) for name, values in zip(names, cells, strict=True)])


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    """Return a column of driver values; types that a frame lacks (UUID, INET) become text."""
    try:
        series = pl.Series(name, values, strict=True)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        series = pl.Series(name, [None if value is None else str(value) for value in values])
    if series.dtype == pl.Object:
        return pl.Series(name, [None if value is None else str(value) for value in values])
    return series


def _reason(error: Exception, what: str) -> str:
    """Return why a database could not be read, without the driver's words: they may hold a value or a password."""
    kind = type(error).__name__
    if isinstance(error, ImportError):
        return "no driver is installed for this kind of database (for PostgreSQL: pip install 'sosie[postgresql]')"
    causes = {
        "OperationalError": "it could not be reached, or refused the user",
        "ProgrammingError": "a query or a table name is not valid there",
        "CatalogException": "a query names what does not exist",
        "BinderException": "a query names what does not exist",
        "ParserException": "a query is not valid SQL",
        "NoSuchModuleError": "this kind of database is not known to SQLAlchemy",
    }
    return f"{what} could not be read ({kind}): {causes.get(kind, 'not a readable database')}"
