"""The rules of one table: kept together, applied in order, checked row by row, said in words.

``apply`` recomputes what is derived and repairs what one other column decides; ``holds`` tells which rows still
break a rule, so that the caller draws them again. A table that obeys every rule comes out of ``apply`` unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from sosie.cohort import Mask
from sosie.errors import ManifestError
from sosie.tables.expression import Name
from sosie.tables.formula import Nature, Statement, parse
from sosie.tables.frame import ColumnFormat
from sosie.tables.logic import Atom, Condition, Indicator, Language, Mapping, State, Steps, Together
from sosie.tables.relations import Comparison, Equation, Precision
from sosie.tables.workspace import Workspace, is_text

__all__ = [
    "Atom",
    "Comparison",
    "Condition",
    "Equation",
    "Indicator",
    "Mapping",
    "Precision",
    "Rule",
    "RuleSet",
    "State",
    "Steps",
    "Together",
]


class Rule(Protocol):
    """What every row of a table obeys."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that take part."""
        ...

    @property
    def target(self) -> str | None:
        """Return the column that the rule computes in full from others, if there is one."""
        ...

    def holds(self, table: Workspace) -> Mask:
        """Tell which rows obey."""
        ...

    def apply(self, table: Workspace) -> None:
        """Make the rows obey, as far as one column can be computed from the others."""
        ...

    def describe(self, language: Language) -> str:
        """Return the rule in words: column names, and levels of at least k patients."""
        ...


@dataclass(frozen=True)
class RuleSet:
    """Rules in the order in which they are applied: a derived column comes after its inputs."""

    rules: tuple[Rule, ...] = ()

    @classmethod
    def declared(cls, rules: Sequence[str], frame: pl.DataFrame, columns: Sequence[ColumnFormat]) -> RuleSet:
        """Read the rules of a manifest and check them against the table that they describe.

        Raises
        ------
        ManifestError
            When a rule cannot be read, is circular, or is broken by the table; the message gives the first row
            (line of the file, header included) and how many rows break it, never a value.
        """
        natures = {name: _nature(dtype) for name, dtype in frame.schema.items()}
        decimals = {column.name: column.decimals for column in columns}
        table = Workspace(frame)
        found: list[Rule] = []
        for text in rules:
            for statement in parse(text, natures):
                rule = _rule(statement, frame, decimals)
                _obeyed(text, rule, table)
                if isinstance(rule, Equation) and rule.image in {other.target for other in found}:
                    raise ManifestError(f"rule {text!r}: column {rule.image!r} already has a formula")
                found.append(_completed(rule, table))
        return cls(_in_order(found))

    @property
    def derived(self) -> tuple[str, ...]:
        """Columns that others determine in full, each after its inputs; they need no model."""
        return tuple(rule.target for rule in self.rules if rule.target is not None)

    def merged(self, found: RuleSet) -> RuleSet:
        """Return these rules and the found ones that derive no column of theirs."""
        mine, said = set(self.derived), {rule.describe("en") for rule in self.rules}
        others = [rule for rule in found.rules if rule.target not in mine and rule.describe("en") not in said]
        return RuleSet(_in_order([*self.rules, *others]))

    def only(self, names: Collection[str]) -> RuleSet:
        """Return the rules whose columns are all among some names."""
        return RuleSet(tuple(rule for rule in self.rules if set(rule.columns) <= set(names)))

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with its derived columns recomputed (added, if they are absent) and its atoms set."""
        table = Workspace(frame)
        for rule in self.rules:
            rule.apply(table)
        return table.result()

    def holds(self, frame: pl.DataFrame) -> Mask:
        """Tell which rows obey every rule."""
        table, obeyed = Workspace(frame), np.ones(frame.height, dtype=bool)
        for rule in self.rules:
            obeyed &= rule.holds(table)
        return obeyed

    def describe(self, language: Language = "en") -> tuple[str, ...]:
        """Return every rule in words, the derived columns first."""
        ordered = sorted(self.rules, key=lambda rule: rule.target is None)
        return tuple(rule.describe(language) for rule in ordered)


def _nature(dtype: pl.DataType) -> Nature:
    if isinstance(dtype, pl.Date | pl.Datetime):
        return Nature.DATE
    known = is_text(dtype) or not (dtype.is_numeric() or isinstance(dtype, pl.Boolean))
    return Nature.TEXT if known else Nature.NUMBER


def _rule(statement: Statement, frame: pl.DataFrame, decimals: dict[str, int | None]) -> Rule:
    if statement.operator != "=" or not isinstance(statement.left, Name):
        return Comparison(statement.left, statement.right, strict=statement.operator == "<")
    image = statement.left.name
    precision = Precision(frame.schema[image], decimals.get(image))
    return Equation(image, statement.right, precision, complete=False)


def _obeyed(text: str, rule: Rule, table: Workspace) -> None:
    broken = np.flatnonzero(~rule.holds(table))
    if len(broken):
        rows = f"{len(broken)} row{'s' if len(broken) > 1 else ''} of {table.rows}"
        raise ManifestError(f"rule {text!r} is broken by {rows}, first by row {broken[0] + 2}: correct or remove it")


def _completed(rule: Rule, table: Workspace) -> Rule:
    if not isinstance(rule, Equation):
        return rule
    complete = Equation(rule.image, rule.expression, rule.precision)
    return complete if complete.holds(table).all() else rule


def _in_order(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Sort rules: atoms, missing together, then each written column after its inputs, then what is only checked."""
    first = [rule for rule in rules if isinstance(rule, Atom)] + [rule for rule in rules if isinstance(rule, Together)]
    last = [rule for rule in rules if _only_checked(rule)]
    waiting = [rule for rule in rules if not isinstance(rule, Atom | Together) and not _only_checked(rule)]
    ordered: list[Rule] = []
    while waiting:
        written = [rule.columns[-1] for rule in waiting]
        ready = [rule for rule in waiting if not set(rule.columns[:-1]) & set(written)]
        if not ready or any(rule.columns == (rule.columns[-1],) and _reads_itself(rule) for rule in ready):
            raise ManifestError(f"the rules of columns {', '.join(map(repr, written))} need each other: remove one")
        ordered += ready
        waiting = [rule for rule in waiting if rule not in ready]
    return (*first, *ordered, *last)


def _only_checked(rule: Rule) -> bool:
    return isinstance(rule, Comparison) or (isinstance(rule, Steps) and rule.target is None)


def _reads_itself(rule: Rule) -> bool:
    return isinstance(rule, Equation) and rule.image in rule.expression.columns()
