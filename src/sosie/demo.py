"""The demonstration: a fictitious cohort, and doubles of it, on behalf of a fictitious institution."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sosie import institution, pipeline
from sosie.cohort import modalities
from sosie.engine import Listener, silent
from sosie.errors import ManifestError
from sosie.evidence import Evidence
from sosie.fictitious.cohort import MODALITIES, build
from sosie.fictitious.selftest import SelfTest, self_test
from sosie.settings import Settings

SEED = 2026
"""The fictitious cohort is nobody's: it is the same everywhere, and its doubles are not."""
USUAL = ("tables",)
"""Modalities of the demonstration where none are asked for."""
MANY, FEW = 2_000, 100
"""Patients of a cohort of tables alone, and of one of several modalities."""
ALLOWANCE = 8.0
"""Minutes: less than a real cohort deserves, since somebody is watching."""


@dataclass(frozen=True)
class Shown:
    """What the demonstration made: the cohort, the evidence, and the self-test of a release."""

    cohort: Path
    patients: int
    evidence: Evidence
    tested: SelfTest | None


def wanted(listed: str | None) -> tuple[str, ...]:
    """Return the modalities that a list names, the tables always among them.

    Raises
    ------
    ManifestError
        When it names something else.
    """
    if listed is None:
        return USUAL
    names = MODALITIES if listed == "all" else tuple(name.strip() for name in listed.split(",") if name.strip())
    unknown = [name for name in names if name not in MODALITIES]
    if unknown:
        raise ManifestError(f"--modalities {listed}: expected some of {', '.join(MODALITIES)}, or all")
    return tuple(name for name in MODALITIES if name in names or name == "tables")


def anonymized(
    out: Path,
    patients: int | None,
    settings: Settings,
    listener: Listener = silent,
    chosen: Sequence[str] = MODALITIES,
) -> Shown:
    """Build a cohort in ``out/cohort`` and anonymize it in ``out/doubles``.

    The user's own key and ledger know nothing of it. Of the fictitious key only the public half stays, in ``out``.
    """
    offered = [name for name in chosen if name in modalities()]
    patients = patients or (FEW if len(offered) > 1 else MANY)
    cohort = build(out / "cohort", patients, np.random.default_rng(SEED), offered)
    with tempfile.TemporaryDirectory(prefix="sosie-demo-") as home:
        known = institution.load(Path(home))
        ours = replace(settings, home=Path(home), time_allowance=settings.time_allowance or ALLOWANCE)
        evidence = pipeline.anonymize(cohort, out / "doubles", ours, None, listener)
        (out / institution.PUBLIC).write_text(institution.pem(known.public_key), encoding="ascii")
    made = out / "doubles" / "release" / "data"
    tested = self_test(cohort, made, frozenset(offered)) if made.is_dir() else None
    return Shown(cohort, patients, evidence, tested)
