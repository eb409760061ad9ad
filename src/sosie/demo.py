"""The demonstration: a fictitious cohort, and doubles of it, on behalf of a fictitious institution."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sosie import institution, pipeline
from sosie.cohort import modalities
from sosie.engine import Listener, silent
from sosie.evidence import Evidence
from sosie.fictitious.cohort import MODALITIES, build
from sosie.fictitious.selftest import SelfTest, self_test
from sosie.settings import Settings

SEED = 2026
"""The fictitious cohort is nobody's: it is the same everywhere, and its doubles are not."""
ALLOWANCE = 8.0
"""Minutes: less than a real cohort deserves, since somebody is watching."""


@dataclass(frozen=True)
class Shown:
    """What the demonstration made: the cohort, the evidence, and the self-test of a release."""

    cohort: Path
    evidence: Evidence
    tested: SelfTest | None


def anonymized(out: Path, patients: int, settings: Settings, listener: Listener = silent) -> Shown:
    """Build a cohort in ``out/cohort`` and anonymize it in ``out/doubles``.

    The user's own key and ledger know nothing of it. Of the fictitious key only the public half stays, in ``out``.
    """
    offered = [name for name in MODALITIES if name in modalities()]
    cohort = build(out / "cohort", patients, np.random.default_rng(SEED), offered)
    with tempfile.TemporaryDirectory(prefix="sosie-demo-") as home:
        known = institution.load(Path(home))
        ours = replace(settings, home=Path(home), time_allowance=settings.time_allowance or ALLOWANCE)
        evidence = pipeline.anonymize(cohort, out / "doubles", ours, None, listener)
        (out / institution.PUBLIC).write_text(institution.pem(known.public_key), encoding="ascii")
    made = out / "doubles" / "release" / "data"
    tested = self_test(cohort, made, frozenset(offered)) if made.is_dir() else None
    return Shown(cohort, evidence, tested)
