"""Cells that stand for others: keys, dates, ages and identifiers of the rows of one window, whatever the format.

What a sheet says identifies is replaced as it says. Every other cell of text is looked at once more: an identifier of a
known form (a social security number among results) is replaced wherever it hides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from sosie.columns import generalise
from sosie.columns.validators import STRONG
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact
from sosie.timelines.moved import moved
from sosie.timelines.source.reader import Action, Sheet, Treatment
from sosie.timelines.source.spelling import number

SHARED = frozenset({"PRACTITIONER", "RPPS", "ADELI", "FINESS"})
"""Identifiers of others than the patient: the same surrogate for every patient."""
NUMBERS = frozenset({"IPP", "IDENTIFIER", "RECORD_NUMBER", "DEVICE", "ACCOUNT", "VISIT"})
"""Identifiers of no known shape: pseudonyms, which are never another's."""
_LEAST = 8
"""Characters of an identifier that hides."""
_OLDEST = generalise.OLDEST + 1


@dataclass
class Redactor:
    """Replaces the cells of windows, and remembers its patients.

    Parameters
    ----------
    pseudonyms : Pseudonyms
    facts : mapping of str to sequence of Fact
        What tables know of patients, by key.
    taken : collection of str
        Folded names that no surrogate may become.
    digits : bool
        Whether keys that nobody else knows are replaced by numbers.
    old : set of str
        Keys of patients above 89 years.
    hidden : Counter
        Identifiers found in cells of columns that are none, by column and label.
    """

    pseudonyms: Pseudonyms
    facts: Mapping[str, Sequence[Fact]] = field(default_factory=dict, repr=False)
    taken: frozenset[str] = field(default=frozenset(), repr=False)
    digits: bool = False
    old: frozenset[str] = field(default=frozenset(), repr=False)
    hidden: Counter[tuple[str, str]] = field(default_factory=Counter)
    _names: dict[str, str] = field(default_factory=dict, repr=False)
    _days: dict[str, int] = field(default_factory=dict, repr=False)
    _others: dict[tuple[str, str, str], str] = field(default_factory=dict, repr=False)

    def name(self, key: str) -> str:
        """Return the pseudonym of a patient: that of the tables, where they have it."""
        found = self._names.get(key)
        if found is None:
            known = [fact.replacement for fact in self.facts.get(key, ()) if fact.label == "PATIENT_KEY"]
            own = str(self.pseudonyms.number(key)) if self.digits else self.pseudonyms.pseudonym(key)
            found = self._names[key] = next((each for each in known if each), own)
        return found

    def window(self, sheet: Sheet, frame: pl.DataFrame) -> tuple[pl.DataFrame, Counter[tuple[str, str]]]:
        """Return a window with other cells, and how many were replaced, by column and label."""
        keys = pl.repeat(None, len(frame), dtype=pl.String, eager=True)
        if sheet.patient is not None:
            keys = keys_of(frame[sheet.patient])
        distinct = keys.unique().drop_nulls().to_list()
        for key in distinct:
            if key not in self._days:
                self._days[key] = self.pseudonyms.date_shift(key).days
        shifts = keys.replace_strict({key: self._days[key] for key in distinct}, default=None, return_dtype=pl.Int64)
        counts: Counter[tuple[str, str]] = Counter()
        columns = []
        for name in frame.columns:
            column, treated = frame[name], sheet.treatments.get(name)
            if treated is None:
                columns.append(self._searched(column, keys, counts))
                continue
            columns.append(self._treated(column, treated, keys, shifts, sheet.patient is not None))
            counts[name, treated.label] += len(column) - column.null_count()
        return pl.DataFrame(columns), counts

    def _treated(
        self, column: pl.Series, treated: Treatment, keys: pl.Series, shifts: pl.Series, owned: bool
    ) -> pl.Series:
        action = treated.action
        if action is Action.PSEUDONYM:
            return self._pseudonyms(column, treated)
        if action is Action.SURROGATE:
            return self._surrogates(column, treated, keys)
        if action is Action.GROUP:
            return aged(column, treated.unit)
        if action is Action.TRUNCATE:
            return generalise.postcode(column)
        if action is Action.BLANK:
            return _only(column, generalise.blank(column), treated)
        if action is Action.SHIFT:
            # What belongs to no patient tells of none.
            done = moved(column, shifts, treated.date_format, treated.unit) if owned else column
            return self._young(done, keys) if treated.label == "BIRTH_DATE" else done
        return self._young(column, keys)

    def _young(self, column: pl.Series, keys: pl.Series) -> pl.Series:
        """Return births without those of the oldest."""
        if not self.old:
            return column
        return column.set(keys.is_in(list(self.old)).fill_null(False), None)

    def _pseudonyms(self, column: pl.Series, treated: Treatment) -> pl.Series:
        text = keys_of(column)
        new: dict[str, str] = {}
        for value in text.unique().drop_nulls().to_list():
            if treated.kind == "patient":
                new[value] = self.name(value)
            elif treated.digits or column.dtype.is_integer():
                new[value] = str(self.pseudonyms.number(value, treated.kind))
            else:
                new[value] = self.pseudonyms.pseudonym(value, treated.kind)
        return _typed(text.replace_strict(new, default=None, return_dtype=pl.String), column)

    def _surrogates(self, column: pl.Series, treated: Treatment, keys: pl.Series) -> pl.Series:
        text = keys_of(column)
        pairs = pl.DataFrame({"key": keys, "value": text}).unique().drop_nulls("value")
        digits = treated.digits or column.dtype.is_integer()
        rows = [(key, value, self._surrogate(key or "", treated.label, value, digits)) for key, value in pairs.rows()]
        new = pl.DataFrame(rows, schema={"key": pl.String, "value": pl.String, "new": pl.String}, orient="row")
        wanted = pl.DataFrame({"key": keys, "value": text})
        joined = wanted.join(new, on=["key", "value"], how="left", nulls_equal=True, maintain_order="left")
        return _typed(joined["new"], column)

    def _surrogate(self, key: str, label: str, value: str, digits: bool) -> str:
        whose = "" if label in SHARED else key
        found = self._others.get((whose, label, value))
        if found is not None:
            return found
        known = [fact.replacement for fact in self.facts.get(key, ()) if fact.value == value and fact.replacement]
        if known and known[0]:
            return known[0]
        if label in NUMBERS:
            named = f"{whose}\x00{value}"
            new = str(self.pseudonyms.number(named, label)) if digits else self.pseudonyms.pseudonym(named, label)
        else:
            new = self.pseudonyms.surrogate(whose, label, value, born=self._born(key), taken=self.taken)
        if len(self._others) < 1_000_000:
            self._others[whose, label, value] = new
        return new

    def _born(self, key: str) -> date | None:
        told = [fact.value for fact in self.facts.get(key, ()) if fact.label == "BIRTH_DATE"]
        try:
            return date.fromisoformat(told[0][:10]) if told else None
        except ValueError:
            return None

    def _searched(self, column: pl.Series, keys: pl.Series, counts: Counter[tuple[str, str]]) -> pl.Series:
        """Replace the identifiers of a known form in a column that is none."""
        if column.dtype not in (pl.String, pl.Categorical, pl.Enum):
            return column
        cells = column.cast(pl.String).str.strip_chars()
        distinct = cells.unique().drop_nulls()
        # The decimals of a measurement make every number there is.
        able = distinct.str.contains(r"\d{4}|@|://") & ~distinct.str.contains(r"^[-+]?\d*[.,]\d+(?:[eE].*)?$")
        distinct = distinct.filter((distinct.str.len_chars() >= _LEAST) & able)
        for validator in STRONG:
            if not len(distinct):
                break
            mask = pl.Series(validator.matches(distinct))
            if not mask.any():
                continue
            at = cells.is_in(distinct.filter(mask).implode()).fill_null(False).arg_true()
            treated = Treatment(Action.SURROGATE, validator.label, validator.role)
            new = self._surrogates(cells.gather(at), treated, keys.gather(at))
            column = column.cast(pl.String).scatter(at, new)
            counts[column.name, validator.label] += len(at)
            self.hidden[column.name, validator.label] += len(at)
            distinct = distinct.filter(~mask)
        return column


def keys_of(column: pl.Series) -> pl.Series:
    """Return identifiers as text; whole numbers have no decimals."""
    if column.dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    text = column.cast(pl.String, strict=False).str.strip_chars()
    return text.set((text == "").fill_null(False), None) if (text == "").any() else text


def aged(column: pl.Series, unit: float) -> pl.Series:
    """Group the ages of 90 years and more into 90."""
    years = number(column)
    old = (years >= _OLDEST * unit).fill_null(False)
    if not old.any():
        return column
    top = round(_OLDEST * unit)
    if column.dtype.is_numeric():
        return column.set(old, top)
    return column.cast(pl.String).set(old, str(top))


def _only(column: pl.Series, done: pl.Series, treated: Treatment) -> pl.Series:
    if not treated.words:
        return done
    return column.set(number(column).is_null(), None)


def _typed(text: pl.Series, column: pl.Series) -> pl.Series:
    """Return replaced identifiers in the type of their column; narrow integers become wide."""
    text = text.alias(column.name)
    if not column.dtype.is_numeric():
        return text
    numbers = text.cast(pl.Int64, strict=False)
    if column.dtype.is_float():
        return numbers.cast(pl.Float64)
    return numbers if numbers.null_count() == text.null_count() else text
