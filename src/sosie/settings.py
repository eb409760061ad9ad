"""What the user may choose for one release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """What the user may choose.

    Parameters
    ----------
    guarantee : {"audited", "dp"}
    epsilon : float, optional
    patients : int, optional
        Number of doubles; as many as patients by default.
    control : str, optional
        Source of patients who are not in the cohort.
    seed : int, optional
        For tests and benchmarks; the evidence says so.
    synthesizer : str
    time_allowance : float, optional
        Minutes that the attacks may take.
    keep_refused : bool
        Keep the doubles that the gate refused, for study.
    jobs : int
        Threads; 0 for one a core.
    language : {"en", "fr"}
    home : Path, optional
        Folder of the institution: its keys and its ledger; ``SOSIE_HOME``, or a folder of the user, by default.
    """

    guarantee: str = "audited"
    epsilon: float | None = None
    patients: int | None = None
    control: str | None = None
    seed: int | None = None
    synthesizer: str = "auto"
    time_allowance: float | None = None
    keep_refused: bool = False
    jobs: int = 0
    language: Literal["en", "fr"] = "en"
    home: Path | None = None


DEFAULTS = Settings()
