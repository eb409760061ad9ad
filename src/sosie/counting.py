"""Counts of what a stream found so far, and the first of its problems: all that it holds of what it read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sosie.stream import Problem, Tally


@dataclass
class Count:
    """What was found so far.

    Parameters
    ----------
    shown : int
        Problems that are told one by one.
    """

    shown: int
    documents: int = 0
    touched: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    detectors: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    troubled: int = 0

    def trouble(self, name: str, reason: str) -> None:
        """Add a problem."""
        self.troubled += 1
        if len(self.problems) < self.shown:
            self.problems.append(Problem(name, reason))

    def nothing(self, what: str) -> str:
        """Tell that nothing could be read, and the first reason."""
        first = f"; {self.problems[0].name}: {self.problems[0].reason}" if self.problems else ""
        return f"no {what} could be read ({self.troubled} problems{first})"

    def tally(self, paths: dict[str, str]) -> Tally:
        """Return the counts, the most frequent first."""
        return Tally(
            self.documents,
            self.touched,
            dict(self.labels.most_common()),
            {name: count for name, count in self.detectors.most_common() if count},
            tuple(self.problems),
            self.troubled,
            paths,
        )
