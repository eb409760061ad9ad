"""Formulas of the manifest: ``bmi = weight / height**2``, ``age = years(birth, admission)``, ``start <= end``.

A text comes in, a statement over columns comes out. Python's own grammar is read with ``ast``, of which a short
list of nodes is accepted; nothing is executed.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sosie.errors import ManifestError
from sosie.tables.expression import FUNCTIONS, Call, Expression, Name, Number, Operation

LONGEST = 1_000


class Nature(StrEnum):
    """What the values of a column, or of an expression, are."""

    NUMBER = "number"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True)
class Statement:
    """``left = right``, where left is a column, or a comparison of two expressions (``<=``, ``<``)."""

    left: Expression
    operator: str
    right: Expression


def parse(rule: str, natures: Mapping[str, Nature]) -> tuple[Statement, ...]:
    """Read one rule; a chain such as ``a <= b <= c`` gives several statements.

    Raises
    ------
    ManifestError
        When the rule is not in the grammar, or names an unknown column; the message gives the position.
    """
    return _Reader(rule, natures).statements()


class _Reader:
    """Walks the syntax tree of one rule."""

    def __init__(self, rule: str, natures: Mapping[str, Nature]) -> None:
        self.rule, self.natures = rule, natures
        self.quoted: dict[str, str] = {}
        self.known = {unicodedata.normalize("NFKC", name): name for name in natures}

    def statements(self) -> tuple[Statement, ...]:
        node = self._tree()
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = self._expression(node.targets[0])
            if not isinstance(target, Name):
                raise self._error("the left of '=' must be one column", node)
            value = self._expression(node.value)
            if (self._nature(target, node) == Nature.DATE) != (self._nature(value, node.value) == Nature.DATE):
                raise self._error("a date is set to a number, or a number to a date", node.value)
            return (Statement(target, "=", value),)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
            sides = [self._expression(side) for side in (node.value.left, *node.value.comparators)]
            steps = zip(sides, node.value.ops, sides[1:], strict=False)
            return tuple(self._comparison(left, operator, right, node) for left, operator, right in steps)
        raise self._error("expected 'column = formula' or a comparison", node)

    def _tree(self) -> ast.stmt:
        if len(self.rule) > LONGEST:
            raise ManifestError(f"a rule of {len(self.rule)} characters: at most {LONGEST} are read")
        # Same length in, same length out: positions in the tree stay positions in the rule.
        masked = re.sub("`([^`]*)`", self._mask, self.rule)
        try:
            body = ast.parse(masked.lstrip(), mode="exec").body
        except SyntaxError as error:
            at = (error.offset or 1) + len(masked) - len(masked.lstrip())
            raise ManifestError(f"rule {self.rule!r}: not a formula at position {at}") from None
        except (ValueError, RecursionError, MemoryError):
            raise ManifestError(f"rule {self.rule!r}: not a formula") from None
        if len(body) != 1:
            raise ManifestError(f"rule {self.rule!r}: expected one formula, found {len(body)}")
        return body[0]

    def _mask(self, match: re.Match[str]) -> str:
        mask = f"_{len(self.quoted)}_".ljust(len(match[0]), "_")
        while mask in self.known or mask in self.quoted:
            mask += "_"
        self.quoted[mask] = match[1]
        return mask

    def _comparison(self, left: Expression, operator: ast.cmpop, right: Expression, node: ast.AST) -> Statement:
        if (self._nature(left, node) == Nature.DATE) != (self._nature(right, node) == Nature.DATE):
            raise self._error("a date is compared with a number", node)
        match operator:
            case ast.LtE():
                return Statement(left, "<=", right)
            case ast.Lt():
                return Statement(left, "<", right)
            case ast.GtE():
                return Statement(right, "<=", left)
            case ast.Gt():
                return Statement(right, "<", left)
            case _:
                raise self._error("the comparisons are <=, <, >= and >", node)

    def _expression(self, node: ast.AST) -> Expression:
        match node:
            case ast.Constant(value=bool() | complex()):
                raise self._error("expected a number or a column", node)
            case ast.Constant(value=int() | float() as value):
                return Number(self._float(value, node))
            case ast.Name() | ast.Attribute():
                return Name(self._column(node))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._expression(operand)
                return Number(-inner.value) if isinstance(inner, Number) else Operation("-", Number(0.0), inner)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _SYMBOLS:
                operation = Operation(_SYMBOLS[type(operator)], self._expression(left), self._expression(right))
                self._nature(operation, node)
                return operation
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]) if function in FUNCTIONS:
                return self._call(function, tuple(self._expression(argument) for argument in arguments), node)
            case _:
                allowed = ", ".join(FUNCTIONS)
                raise self._error(f"expected columns, numbers, + - * / **, or one of {allowed}", node)

    def _call(self, function: str, arguments: tuple[Expression, ...], node: ast.AST) -> Expression:
        if len(arguments) not in _ARGUMENTS[function]:
            expected = " or ".join(map(str, _ARGUMENTS[function]))
            raise self._error(f"{function} takes {expected} argument(s)", node)
        natures = {Nature.NUMBER if function == "missing" else self._nature(argument, node) for argument in arguments}
        if function in ("years", "days", "hours"):
            if natures == {Nature.NUMBER} and function == "years":
                return Operation("-", arguments[1], arguments[0])
            if natures != {Nature.DATE}:
                raise self._error(f"{function} expects two dates", node)
        return Call(function, arguments)

    def _column(self, node: ast.Name | ast.Attribute) -> str:
        text = ast.unparse(node)
        name = self.quoted.get(text, text)
        known = self.known.get(unicodedata.normalize("NFKC", name))
        if known is None:
            raise self._error(f"unknown column {name!r}", node)
        return known

    def _nature(self, expression: Expression, node: ast.AST) -> Nature:
        """Return what an expression gives; text takes no part in arithmetic."""
        match expression:
            case Name(name):
                if self.natures[name] == Nature.TEXT:
                    raise self._error(f"column {name!r} is text, a number or a date is expected", node)
                return self.natures[name]
            case Operation(operator, left, right):
                dates = [self._nature(side, node) == Nature.DATE for side in (left, right)]
                if (*dates, operator) in {(True, False, "+"), (True, False, "-"), (False, True, "+")}:
                    return Nature.DATE
                if any(dates) and (*dates, operator) != (True, True, "-"):
                    raise self._error(f"{operator!r} does not apply to dates", node)
        return Nature.NUMBER

    def _float(self, value: float, node: ast.AST) -> float:
        try:
            return float(value)
        except OverflowError:
            raise self._error("a number out of range", node) from None

    def _error(self, problem: str, node: ast.AST) -> ManifestError:
        lead = len(self.rule) - len(self.rule.lstrip())
        line = self.rule.lstrip().encode()[: getattr(node, "col_offset", 0)]
        at = lead + len(line.decode(errors="ignore")) + 1
        return ManifestError(f"rule {self.rule!r}, position {at}: {problem}")


_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_ARGUMENTS = {"years": (2,), "days": (2,), "hours": (2,), "round": (1, 2), "floor": (1,), "missing": (1,)}
