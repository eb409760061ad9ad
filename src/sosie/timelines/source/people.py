"""What does not change within a patient, in the columns of a file of events: read as one row a patient, written back.

Sex, birth, the end of follow-up and a death are recognised; every other column is kept under its own name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from sosie.timelines.source import names
from sosie.timelines.source.moments import Moment, decimals, moment_of, spelled
from sosie.timelines.source.names import COLUMNS, says
from sosie.timelines.source.spelling import number

_SURE = 0.9


@dataclass(frozen=True)
class Fixed:
    """One column that does not change within a patient.

    Parameters
    ----------
    name : str
    role : str
        ``sex``, ``birth``, ``stop``, ``died`` (the date of a death), ``dead``; its own name for every other.
    cells : mapping
        How words or truths are spelled.
    moment : Moment, optional
        How times are.
    least, most : int
        Decimals of a number.
    comma : bool
    """

    name: str
    role: str
    cells: Mapping[str, str] = field(default_factory=dict)
    moment: Moment | None = None
    least: int = 0
    most: int = 0
    comma: bool = False

    def read(self, column: pl.Series) -> dict[str, pl.Series]:
        """Return the columns of people that it tells."""
        if self.role == "sex":
            back = {cell: sex for sex, cell in self.cells.items()}
            told = column.cast(pl.String).replace_strict(back, default=None, return_dtype=pl.String)
            return {"sex": told}
        if self.moment is not None:
            days = pl.Series(self.moment.days(column)).fill_nan(None)
            if self.role == "died":
                return {"stop": days, "dead": days.is_not_null()}
            if self.role == "stop":
                start = pl.select(pl.when(days.is_not_null()).then(pl.lit(0.0))).to_series()
                return {"stop": days, "start": start}
            return {self.role: days}
        if self.role == "dead":
            back_ = {cell: truth == "1" for truth, cell in self.cells.items()}
            return {"dead": column.cast(pl.String).replace_strict(back_, default=None, return_dtype=pl.Boolean)}
        if column.dtype != pl.String:
            return {self.role: column}
        return {self.role: number(column) if self.most >= 0 else column}

    def written(self, people: pl.DataFrame) -> pl.Series:
        """Return the cells of each patient."""
        if self.role not in people.columns and self.role != "died":
            return pl.Series(self.name, [None] * len(people), dtype=pl.String)
        if self.role == "died":
            died = pl.select(pl.when(people["dead"].cast(pl.Boolean).fill_null(False)).then(people["stop"])).to_series()
            return self.moment.written(died.fill_null(float("nan")).to_numpy(), self.name) if self.moment else died
        column = people[self.role]
        if self.moment is not None:
            return self.moment.written(column.cast(pl.Float64).fill_null(float("nan")).to_numpy(), self.name)
        if self.role in ("sex", "dead"):
            told = column if self.role == "sex" else column.cast(pl.Int8).cast(pl.String)
            return told.replace_strict(dict(self.cells), default=None, return_dtype=pl.String).alias(self.name)
        if column.dtype.is_numeric() and self.most >= 0:
            return spelled(column.cast(pl.Float64), self.least, self.most, self.comma).alias(self.name)
        return column.alias(self.name)


def fixed_of(column: pl.Series, events: Sequence[str], calendar: bool) -> Fixed:
    """Return what one column of people tells.

    Parameters
    ----------
    column : polars.Series
        One cell a patient.
    events : sequence of str
        Columns that the manifest's targets name as the event of a survival end point.
    calendar : bool
        Whether the times of the file are dates.
    """
    name = column.name
    cells = column.drop_nulls().cast(pl.String, strict=False)
    levels = cells.unique(maintain_order=True).to_list()
    if says(name, COLUMNS["sex"]) and 0 < len(levels) <= 6:
        spelt = {names.sex_of(name, cell): cell for cell in reversed(levels)}
        spelt.pop("", None)
        if cells.is_in(list(spelt.values())).mean() or _SURE <= 0:
            return Fixed(name, "sex", spelt)
    moment = moment_of(column, name)
    if moment is not None and moment.calendar:
        role = "birth" if says(name, COLUMNS["birth"]) else "died" if says(name, COLUMNS["death"]) else None
        # A date that is neither is kept as words.
        return Fixed(name, role, moment=moment) if role is not None and calendar else Fixed(name, name, most=-1)
    if set(levels) == {"0", "1"} and (name in events or says(name, COLUMNS["death"])):
        return Fixed(name, "dead", {"0": "0", "1": "1"})
    if moment is not None and says(name, COLUMNS["followed"]) and not calendar:
        return Fixed(name, "stop", moment=moment)
    if column.dtype != pl.String:
        return Fixed(name, name, most=15 if column.dtype.is_float() else 0)
    if len(cells) and number(cells).null_count() == 0 and not cells.str.contains(r"^0\d").any():
        comma = bool(cells.str.contains(",", literal=True).any())
        return Fixed(name, name, least=decimals(cells, 1.0)[0], most=decimals(cells, 0.99)[1], comma=comma)
    return Fixed(name, name, most=-1)


def together(frames: Sequence[pl.DataFrame]) -> pl.DataFrame | None:
    """Return one row a patient, the first cell that tells being right."""
    given = [frame for frame in frames if frame.width > 1]
    if not given:
        return None
    rest = list(dict.fromkeys(name for frame in given for name in frame.columns if name != "key"))
    whole = pl.concat(given, how="diagonal_relaxed")
    return whole.group_by("key", maintain_order=True).agg(pl.col(rest).drop_nulls().first())
