"""The model in databases: a DuckDB file, or a server behind an address (PostgreSQL and what else SQLAlchemy reaches).

A source is only read. Doubles go to a DuckDB file, or to a new schema of a server (`publish`), with the primary and
foreign keys of the model declared there: a reference that does not hold cannot be written. A password in an address
never reaches a message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from sosie.errors import ManifestError, UnreadableError
from sosie.timelines.source.omop import specification
from sosie.timelines.source.omop.base import Base
from sosie.timelines.source.omop.cells import typed

if TYPE_CHECKING:
    from sosie.timelines.events import TimelinesPart

UNREACHED = "the database could not be read ({kind}); check that it is there and lets this user in"
_TYPES = {"integer": "BIGINT", "float": "DOUBLE PRECISION", "date": "DATE", "datetime": "TIMESTAMP"}
WINDOW = 5_000


@dataclass(frozen=True)
class InDuckdb:
    """A table of a DuckDB file."""

    place: Path
    schema: str
    file: str
    columns: tuple[str, ...]

    def read(self, wanted: Sequence[str]) -> pl.DataFrame:
        """Return columns by their names in lower case."""
        import duckdb

        chosen = {name: name.lower() for name in self.columns if name.lower() in wanted}
        if not chosen:
            return pl.DataFrame()
        cells = ", ".join(quoted(name) for name in chosen)
        try:
            with duckdb.connect(str(self.place), read_only=True) as base:
                place = f"{_catalog(base)}.{quoted(self.schema)}.{quoted(self.file)}"
                found = base.sql(f"SELECT {cells} FROM {place}").to_arrow_table()
        except duckdb.Error as error:
            raise UnreadableError(self.place.name, UNREACHED.format(kind=type(error).__name__)) from None
        return cast("pl.DataFrame", pl.from_arrow(found)).rename(chosen)


@dataclass(frozen=True)
class OnServer:
    """A table behind an address."""

    address: str
    schema: str | None
    file: str
    columns: tuple[str, ...]

    def read(self, wanted: Sequence[str]) -> pl.DataFrame:
        """Return columns by their names in lower case."""
        import sqlalchemy as sa

        chosen = {name: name.lower() for name in self.columns if name.lower() in wanted}
        if not chosen:
            return pl.DataFrame()
        table = sa.table(self.file, *(sa.column(name) for name in chosen), schema=self.schema)
        engine = _engine(self.address)
        try:
            with engine.connect() as connection:
                rows = connection.execute(sa.select(*table.c)).fetchall()
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise UnreadableError(_shown(self.address), UNREACHED.format(kind=type(error).__name__)) from None
        finally:
            engine.dispose()
        cells = zip(*rows, strict=True) if rows else ([],) * len(chosen)
        series = [_series(name, list(values)) for name, values in zip(chosen.values(), cells, strict=True)]
        return pl.DataFrame(series)


def opened(path: Path) -> Base | None:
    """Return the tables of a DuckDB file; None where it holds none of the model."""
    import duckdb

    query = (
        "SELECT table_schema, table_name, column_name FROM information_schema.columns ORDER BY 1, 2, ordinal_position"
    )
    try:
        with duckdb.connect(str(path), read_only=True) as base:
            rows = base.execute(query).fetchall()
    except duckdb.Error as error:
        raise UnreadableError(path.name, UNREACHED.format(kind=type(error).__name__)) from None
    found = _by_schema(rows)
    if found is None:
        return None
    schema, columns = found
    tables = {name.lower(): InDuckdb(path, schema, name, some) for name, some in columns.items()}
    return Base(path.name, "duckdb", path, tables, schema)


def reached(address: str) -> Base | None:
    """Return the tables behind an address: those of its default schema, else of the first that holds PERSON."""
    import sqlalchemy as sa

    engine = _engine(address)
    try:
        with engine.connect() as connection:
            seen = sa.inspect(connection)
            first = seen.default_schema_name
            for schema in dict.fromkeys([first, *sorted(seen.get_schema_names())]):
                names = [name for name in seen.get_table_names(schema) if name.lower() in specification.names()]
                told = seen.get_multi_columns(schema, filter_names=names) if names else {}
                rows = [(schema or "", str(key[1]), str(each["name"])) for key, some in told.items() for each in some]
                found = _by_schema(rows)
                if found is not None:
                    where = None if schema == first else schema
                    tables = {name.lower(): OnServer(address, where, name, some) for name, some in found[1].items()}
                    return Base(_shown(address), "sql", address, tables, schema or "")
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise UnreadableError(_shown(address), UNREACHED.format(kind=type(error).__name__)) from None
    finally:
        engine.dispose()
    return None


def _by_schema(rows: Sequence[tuple[str, str, str]]) -> tuple[str, dict[str, tuple[str, ...]]] | None:
    """Return the columns of each table of the model, in the first schema that holds PERSON."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for schema, table, column in rows:
        if table.lower() in specification.names():
            columns = found.setdefault(schema, {})
            columns[table] = (*columns.get(table, ()), column)
    return next(((s, some) for s, some in found.items() if "person" in {name.lower() for name in some}), None)


def save(tables: Mapping[str, pl.DataFrame], path: Path, base: Base) -> None:
    """Write a new DuckDB file, in the schema and under the names that came in."""
    import duckdb

    from sosie.timelines.source.omop.store import shaped

    with duckdb.connect(str(path)) as target:
        schema = f"{_catalog(target)}.{quoted(base.schema)}"
        target.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for name, frame in tables.items():
            stored = base.tables.get(name)
            target.register("doubles", shaped(frame, stored).to_arrow())
            called = stored.file if stored else name
            target.execute(f"CREATE TABLE {schema}.{quoted(called)} AS SELECT * FROM doubles")
            target.unregister("doubles")


def _catalog(base: Any) -> str:
    """Return the name of an open file: a schema may bear the same."""
    return quoted(str(base.execute("SELECT current_database()").fetchall()[0][0]))


def publish(part: TimelinesPart, address: str, schema: str) -> None:
    """Write doubles to a new schema of a server, its keys declared.

    Parameters
    ----------
    part : TimelinesPart
        Of an OMOP source.
    address : str
        Of the server, which may be the source's: the schema must be new.
    schema : str

    Raises
    ------
    ManifestError
        When the schema exists.
    """
    import sqlalchemy as sa

    from sosie.timelines.source.omop import tables
    from sosie.timelines.source.omop.store import vocabularies

    base: Base = part.form.details["base"]
    version: str = part.form.details["version"]
    frames = {name: frame for name, frame in tables(part).items() if frame.width}
    every = {**{name: _typed(name, frame, version) for name, frame in vocabularies(base, frames)}, **frames}
    engine = _engine(address)
    try:
        with engine.begin() as target:
            if schema in sa.inspect(target).get_schema_names():
                raise ManifestError(f"schema {schema!r} exists in {_shown(address)}; doubles go to a new one")
            target.execute(sa.schema.CreateSchema(schema))
            model = _model(every, version, schema)
            model.create_all(target)
            for table in model.sorted_tables:
                frame = every[table.name]
                for some in frame.iter_slices(WINDOW):
                    target.execute(table.insert(), some.select(column.name for column in table.columns).to_dicts())
    finally:
        engine.dispose()


def _typed(name: str, frame: pl.DataFrame, version: str) -> pl.DataFrame:
    fields = specification.tables(version).get(name, specification.tables("5.4").get(name, {}))
    return frame.select(typed(frame[column], fields[column].type) for column in frame.columns if column in fields)


def _model(frames: Mapping[str, pl.DataFrame], version: str, schema: str) -> Any:
    """Return the tables with their keys."""
    import sqlalchemy as sa

    kinds: dict[str, Any] = {
        "integer": sa.BigInteger(),
        "float": sa.Double(),
        "date": sa.Date(),
        "datetime": sa.DateTime(),
    }
    model = sa.MetaData(schema=schema)
    for name, frame in frames.items():
        fields = specification.tables(version).get(name, specification.tables("5.4").get(name, {}))
        columns: list[Any] = []
        for field in (fields[column] for column in frame.columns if column in fields):
            # Vocabularies are as they came in, whole or not; a visit precedes another of its own table, and rows of one
            # statement would have to be in order.
            held = field.refers in frames and field.refers not in {*specification.VOCABULARY, name}
            key = specification.key(field.refers, version) if held else None
            links = [sa.ForeignKey(f"{schema}.{field.refers}.{key}")] if key else []
            kind = kinds.get(field.type, sa.Text())
            nullable = name in specification.VOCABULARY or not field.required
            primary = field.primary and frame[field.name].null_count() == 0
            options: dict[str, Any] = {
                "primary_key": primary,
                "nullable": nullable and not primary,
                "autoincrement": False,
            }
            columns.append(sa.Column(field.name, kind, *links, **options))
        sa.Table(name, model, *columns)
    return model


def _engine(address: str) -> Any:
    import sqlalchemy as sa

    try:
        return sa.create_engine(address)
    except (sa.exc.ArgumentError, ValueError):
        raise ManifestError("the address of the database is malformed; expected dialect://user@host/database") from None
    except (sa.exc.NoSuchModuleError, ImportError) as error:
        raise UnreadableError(_shown(address), UNREACHED.format(kind=type(error).__name__)) from None


def _shown(address: str) -> str:
    """Return an address without user, password and parameters."""
    import sqlalchemy as sa

    url = sa.make_url(address)
    return sa.URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()


def _series(name: str, values: list[Any]) -> pl.Series:
    from decimal import Decimal

    if any(isinstance(value, Decimal) for value in values):
        values = [None if value is None else float(value) for value in values]
    return pl.Series(name, values, strict=False)


def quoted(name: str) -> str:
    """Return a name as SQL spells it."""
    return '"' + name.replace('"', '""') + '"'
