"""Tables as a modality: the rooms of this folder behind the one protocol."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from sosie.budget import Budget
from sosie.cohort import Column, Finding, Kind, Vectors
from sosie.errors import ManifestError
from sosie.manifest import Manifest
from sosie.noise import Noise
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Knowledge
from sosie.tables import identify, private, source, uniqueness
from sosie.tables.codec import PRESENT, TablesCodec, modelled
from sosie.tables.compare import compare
from sosie.tables.encoders import Category, Encoder, column_of, learn
from sosie.tables.facts import knowledge
from sosie.tables.frame import Table, TablesPart
from sosie.tables.redact import redact


class Tables:
    """Tables with one row for each patient."""

    name = "tables"

    def recognises(self, source_: Path | str, without: Collection[Path] = ()) -> bool:
        """Tell whether a file, a folder or an address holds tables."""
        return source.recognises(source_, without)

    def read(self, source_: Path | str, manifest: Manifest, without: Collection[Path] = ()) -> TablesPart:
        """Read and align the tables of a source."""
        return source.read(source_, manifest, without)

    def identify(self, part: TablesPart, manifest: Manifest) -> tuple[Finding, ...]:
        """Find the role of each column."""
        found = identify.roles(part, manifest)
        derived = self._codec(part, found, manifest).derived
        return identify.roles(part, manifest, derived) if derived else found

    def assign(self, part: TablesPart, findings: Sequence[Finding], manifest: Manifest) -> TablesPart:
        """Return the part with its roles, and with hints on codes and hierarchies."""
        return identify.assign(part, findings, manifest)

    def redact(self, part: TablesPart, findings: Sequence[Finding], pseudonyms: Pseudonyms) -> TablesPart:
        """Return the pseudonymised copy."""
        return redact(part, findings, pseudonyms)

    def knowledge(self, part: TablesPart, copy: TablesPart | None, findings: Sequence[Finding]) -> Knowledge:
        """Return what the tables say of each patient, and what the copy says instead."""
        return knowledge(part, copy, findings)

    def fit_codec(self, part: TablesPart, manifest: Manifest, rng: np.random.Generator) -> TablesCodec:
        """Learn rules, levels and constants; how many patients a level needs is drawn, at k or above."""
        return TablesCodec.fit(part, manifest, rng)

    def fit_private_codec(self, part: TablesPart, manifest: Manifest, budget: Budget, noise: Noise) -> TablesCodec:
        """Lay a codec on public knowledge, and pay for the rest."""
        return private.fit(part, manifest, budget, noise)

    def unpaid(self, part: TablesPart, manifest: Manifest) -> list[dict[str, str]]:
        """Tell what the reader inferred that no epsilon pays for."""
        return private.unpaid(part)

    def unknown(self, part: TablesPart, manifest: Manifest) -> bool:
        """Tell whether some categories must be found."""
        return any(private.undeclared(table, manifest) for table in part.tables)

    def observe(self, part: TablesPart, manifest: Manifest) -> Callable[[TablesPart], Vectors]:
        """Return the attacker's view: every published column, derived ones included, with every level."""
        views = [_view(table) for table in part.tables]
        partial = [not present.all() for present in part.present]

        def look(other: TablesPart) -> Vectors:
            columns: list[Column] = []
            block: list[np.ndarray] = []
            for view, table, present, gaps in zip(views, other.tables, other.present, partial, strict=True):
                if gaps:
                    columns.append(Column(f"{table.name}.{PRESENT}", Kind.CATEGORICAL, 2))
                    block.append(present.astype(np.float64))
                columns += [column_of(f"{table.name}.{name}", encoder) for name, encoder in view.items()]
                block += [encoder.encode(table.frame[name]) for name, encoder in view.items()]
            values = np.column_stack(block) if block else np.zeros((len(other.keys), 0))
            return Vectors(tuple(columns), values)

        return look

    def conform(self, part: TablesPart, like: TablesPart) -> TablesPart:
        """Return the columns that both parts have, named and typed as in ``like``; single tables match by position."""
        by_name = {table.name: at for at, table in enumerate(part.tables)}
        tables, present = [], []
        for table in like.tables:
            at = 0 if len(like.tables) == len(part.tables) == 1 else by_name.get(table.name)
            if at is None:
                raise ManifestError(f"table {table.name!r} of the original has no counterpart among {sorted(by_name)}")
            tables.append(_conformed(part.tables[at], table))
            present.append(part.present[at])
        return TablesPart(part.keys, tuple(tables), tuple(present))

    def shared(self, part: TablesPart, other: TablesPart) -> TablesPart:
        """Return ``part`` without the columns that ``other`` lacks."""
        return TablesPart(
            part.keys,
            tuple(
                replace(
                    mine,
                    frame=mine.frame.select([name for name in mine.frame.columns if name in theirs.frame.columns]),
                    columns=tuple(column for column in mine.columns if column.name in theirs.frame.columns),
                    key=mine.key if mine.key in theirs.frame.columns else None,
                )
                for mine, theirs in zip(part.tables, other.tables, strict=True)
            ),
            part.present,
        )

    def describe(self, part: TablesPart, manifest: Manifest) -> Mapping[str, object]:
        """Tell the rules, how few columns single out a patient, and what the reader noticed."""
        codec = TablesCodec.fit(part, manifest)
        findings = identify.roles(part, manifest, codec.derived)
        notices = [str(notice) for table in part.tables for notice in _notices(table)]
        return {
            "rules": {language: list(codec.describe(language)) for language in ("en", "fr")},
            "uniqueness": uniqueness.singled_out(part, findings, manifest.k),
            "notices": notices,
        }

    def compare(
        self, original: TablesPart, doubles: TablesPart, manifest: Manifest, rng: np.random.Generator
    ) -> Mapping[str, object]:
        """Measure what the doubles keep."""
        return compare(original, doubles, manifest, rng)

    def write(self, part: TablesPart, directory: Path) -> None:
        """Write each table in the format that it came in."""
        source.write(part, directory)

    def _codec(self, part: TablesPart, findings: Sequence[Finding], manifest: Manifest) -> TablesCodec:
        return TablesCodec.fit(identify.assign(part, findings, manifest), manifest)


def _view(table: Table) -> dict[str, Encoder]:
    view: dict[str, Encoder] = {}
    for name in modelled(table):
        encoder = learn(table.frame[name], table.column(name), 1)
        view[name] = replace(encoder, rest=len(encoder.values)) if isinstance(encoder, Category) else encoder
    return view


def _conformed(table: Table, like: Table) -> Table:
    frame = table.frame
    kept = [name for name in like.frame.columns if name in frame.columns]
    if not [name for name in modelled(like) if name in kept]:
        raise ManifestError(f"{table.file.path}: no column in common with {like.file.path}")
    typed = frame.select(pl.col(name).cast(like.frame.schema[name], strict=False) for name in kept)
    for name in kept:
        lost = typed[name].null_count() - frame[name].null_count()
        if lost > 0 and not table.frame.schema[name].is_numeric():
            raise ManifestError(
                f"{table.file.path}, column {name!r}: {lost} values are not of the type of {like.file.path}"
            )
    columns = tuple(column for column in like.columns if column.name in kept)
    key = like.key if like.key in kept else None
    return replace(like, frame=typed, columns=columns, key=key, file=replace(like.file, path=table.file.path))


def _notices(table: Table) -> Sequence[object]:
    notices = table.file.options.get("notices", ())
    return notices if isinstance(notices, Sequence) and not isinstance(notices, str) else ()
