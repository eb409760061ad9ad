"""The ledger of an institution: every attempt to release, so that repeated tries and repeated releases are paid for.

One JSON line an attempt, released or refused, chained by HMAC to the line before: a line that was changed, removed or
put elsewhere is found out. What the file cannot show is that its last lines were cut off. A cohort is known by a sketch
of its patients, the smallest HMACs of their keys (bottom-k, Cohen and Kaplan 2007), so that two extractions of one
hospital meet, whatever rows and columns they hold; nobody reads a patient from it without the institution's key.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sosie.cohort import Cohort
from sosie.errors import FullDiskError, ManifestError, disk_is_full
from sosie.evidence import Criterion, Decision, Evidence
from sosie.institution import Institution, locked
from sosie.pseudonyms import Pseudonyms
from sosie.tables.frame import TablesPart

SKETCH = 256
SHARE = 32
"""The sketch holds `SKETCH` patients, or one in `SHARE` of a large cohort, so that a small part of it is recognised."""
OVERLAP = 0.1
"""Share of the smaller cohort's patients from which two attempts are about the same cohort."""
FALSE_RELEASE = 0.05
HIGHEST = 2**64


@dataclass(frozen=True)
class Fingerprint:
    """The sketch of a cohort.

    Parameters
    ----------
    patients : int
    smallest : tuple of int
        The smallest digests of the patients, in ascending order.
    """

    patients: int
    smallest: tuple[int, ...]

    @classmethod
    def of(cls, cohort: Cohort, pseudonyms: Pseudonyms) -> Fingerprint:
        """Sketch the patients by their keys; by the content of their rows, where keys are row numbers only."""
        digests = sorted({pseudonyms.mark(identity) for identity in _identities(cohort)})
        return cls(len(cohort), tuple(digests[: max(SKETCH, len(digests) // SHARE)]))

    def overlap(self, other: Fingerprint) -> float:
        """Estimate which share of the smaller cohort is in the other, below the digest up to which both are known."""
        limit = min(self._limit(), other._limit())
        mine = {digest for digest in self.smallest if digest <= limit}
        others = {digest for digest in other.smallest if digest <= limit}
        fewest = min(len(mine), len(others))
        return len(mine & others) / fewest if fewest else 0.0

    def _limit(self) -> int:
        whole = len(self.smallest) < SKETCH
        return HIGHEST if whole else self.smallest[-1]


@dataclass(frozen=True)
class History:
    """What was done before with the patients of a cohort.

    Parameters
    ----------
    attempts : int
        Earlier attempts, released or refused.
    releases : tuple of mapping
        For each earlier release, the upper bound of each criterion by its id.
    """

    attempts: int = 0
    releases: tuple[Mapping[str, float], ...] = ()

    @property
    def confidence(self) -> float:
        """Confidence of the one-sided bounds of the next attempt.

        The m-th attempt may err once in 20 m^2, so that however many there are, the chance that one releases wrongly
        stays below .05 * pi^2 / 6 = .082 (union bound).
        """
        return 1.0 - FALSE_RELEASE / (self.attempts + 1) ** 2

    def stated(self) -> dict[str, Any]:
        """Return what the evidence says of it: this attempt included, this release not."""
        return {"attempts": self.attempts + 1, "releases": len(self.releases), "confidence": self.confidence}


NO_HISTORY = History()


def history(institution: Institution, fingerprint: Fingerprint, run: str = "") -> History:
    """Return what was done with these patients before, but for the run itself, which may have been killed since.

    Raises
    ------
    ManifestError
        When the ledger was changed.
    """
    with locked(institution.folder):
        return _history(_entries(institution)[0], fingerprint, run)


def record(institution: Institution, fingerprint: Fingerprint, evidence: Evidence, judged: History, run: str) -> None:
    """Add an attempt; one that is there already (its run was killed after it) is not counted twice.

    Raises
    ------
    ManifestError
        When the ledger was changed, or another attempt on these patients ended since this one was judged.
    """
    with locked(institution.folder):
        entries, length = _entries(institution)
        if any(entry["run"] == run for entry in entries):
            return
        if _history(entries, fingerprint, run) != judged:
            raise ManifestError(
                f"{institution.ledger}: another run on these patients ended while this one was judged; run it again, "
                "so that both count"
            )
        told = evidence.model_dump(mode="json", include={"created", "settings", "budget"})
        entry = {
            "run": run,
            "time": told["created"],
            "decision": evidence.verdict.decision.value,
            "test": evidence.settings.get("seed") is not None,
            "settings": {name: value for name, value in told["settings"].items() if name != "seed"},
            "budget": {"epsilon": told["budget"]["epsilon"], "delta": told["budget"]["delta"]},
            "upper": {criterion.id.value: _upper(criterion) for criterion in evidence.verdict.criteria},
            "patients": fingerprint.patients,
            "cohort": [f"{digest:016x}" for digest in fingerprint.smallest],
            "previous": entries[-1]["hmac"] if entries else "",
        }
        _append(institution.ledger, {**entry, "hmac": _chained(institution, entry)}, length)


def _history(entries: Sequence[Mapping[str, Any]], fingerprint: Fingerprint, run: str) -> History:
    same = [entry for entry in entries if entry["run"] != run and fingerprint.overlap(_fingerprint(entry)) > OVERLAP]
    releases = tuple(entry["upper"] for entry in same if entry["decision"] == Decision.RELEASED.value)
    return History(len(same), releases)


def _fingerprint(entry: Mapping[str, Any]) -> Fingerprint:
    return Fingerprint(entry["patients"], tuple(int(digest, 16) for digest in entry["cohort"]))


def _upper(criterion: Criterion) -> float:
    """Return the figure that composes: in an own attempt what it adds, before what earlier releases add to it."""
    alone = criterion.details.get("alone_upper_95", criterion.upper_95)
    return float(criterion.value if alone is None else alone)


def _entries(institution: Institution) -> tuple[list[dict[str, Any]], int]:
    """Return the entries, and the length of the file that they fill: a line that a kill cut short is no entry."""
    path = institution.ledger
    try:
        raw = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise ManifestError(f"{path}: the ledger cannot be read ({error.strerror})") from error
    length = raw.rfind(b"\n") + 1
    entries: list[dict[str, Any]] = []
    for number, line in enumerate(raw[:length].splitlines(), start=1):
        previous = entries[-1]["hmac"] if entries else ""
        try:
            entry = json.loads(line)
            told = entry.pop("hmac")
            sound = entry["previous"] == previous and hmac.compare_digest(told, _chained(institution, entry))
        except (ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            raise ManifestError(
                f"{path}, line {number}: the ledger was changed, or belongs to another key; put it back from a backup"
            )
        entries.append({**entry, "hmac": told})
    return entries, length


def _chained(institution: Institution, entry: Mapping[str, Any]) -> str:
    content = json.dumps(entry, sort_keys=True, separators=(",", ":"))
    return institution.pseudonyms.hmac(b"sosie/ledger\0" + content.encode())


def _append(path: Path, entry: Mapping[str, Any], length: int) -> None:
    line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, length)
            os.lseek(handle, length, os.SEEK_SET)
            written = 0
            while written < len(line):
                written += os.write(handle, line[written:])
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if disk_is_full(error):
            raise FullDiskError(path) from error
        raise ManifestError(f"{path}: the ledger cannot be written ({error.strerror})") from error


def _identities(cohort: Cohort) -> list[str]:
    count = len(cohort)
    numbered = any(cohort.keys == tuple(map(str, range(first, first + count))) for first in (0, 1))
    tables = [part for part in cohort.parts.values() if isinstance(part, TablesPart)]
    if not numbered or not tables:
        return list(cohort.keys)
    frames = [table.frame for part in tables for table in part.tables]
    return [repr(row) for row in zip(*(frame.iter_rows() for frame in frames), strict=True)]
