"""The errors that a user can meet, each with its exit code.

A message says what was found, what was expected and what to do. It names the file, the column and the row
number; it never quotes a patient's value.
"""

import errno
import os
from pathlib import Path
from typing import ClassVar

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Numbers by which the system says that no more can be written."""


class SosieError(Exception):
    """Base of every error that Sosie raises on purpose."""

    exit_code: ClassVar[int] = 1


class ManifestError(SosieError):
    """The command or the manifest asks for something that cannot be done (exit 2)."""

    exit_code = 2


def disk_is_full(error: Exception) -> bool:
    """Tell whether an error comes from a full disk: libraries say so in the system's words, if not by its number."""
    words = str(error)
    return getattr(error, "errno", None) in FULL or any(os.strerror(number) in words for number in FULL)


class FullDiskError(ManifestError):
    """There is no room left (exit 2); what was done is kept where the command can be resumed."""

    def __init__(self, place: Path) -> None:
        super().__init__(f"{place}: the disk is full; nothing was written there. Free some space and try again")


class UnreadableError(SosieError):
    """An input cannot be read as what it claims to be (exit 4).

    Parameters
    ----------
    file : str
        Name of the file, relative to the source where there is one.
    problem : str
        What was found and what was expected.
    column : str, optional
        Name of the column at fault.
    row : int, optional
        Line number in the file, header included, counted from 1.
    """

    exit_code = 4

    def __init__(self, file: str, problem: str, *, column: str | None = None, row: int | None = None) -> None:
        self.file, self.problem, self.column, self.row = file, problem, column, row
        place = "".join((f", column {column!r}" if column is not None else "", f", row {row}" if row else ""))
        super().__init__(f"{file}{place}: {problem}")


class RefusedError(SosieError):
    """The gate refused the release, or a certificate does not match its release (exit 3)."""

    exit_code = 3
