"""What identifies people in a source, and what its manifest could declare: a look that writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from sosie import archives, copying, intake
from sosie.cohort import Finding
from sosie.engine import Listener, silent
from sosie.manifest import Manifest
from sosie.release import account, folder
from sosie.settings import Settings
from sosie.stream import Tally


@dataclass(frozen=True)
class Inspection:
    """What was found in a source.

    Parameters
    ----------
    findings : tuple of Finding
    uniqueness : dict
        How few columns single out a patient.
    rules : list of str
    manifest : Manifest
        What the source could declare.
    patients : int
    notices : tuple of str
    streams : mapping of str to Tally
        What identifies in notes.
    """

    findings: tuple[Finding, ...]
    uniqueness: dict[str, Any]
    rules: list[str]
    manifest: Manifest
    patients: int
    notices: tuple[str, ...] = ()
    streams: Mapping[str, Tally] = field(default_factory=dict)


def inspect(
    source: Path | str,
    manifest: Path | None = None,
    listener: Listener = silent,
    language: Literal["en", "fr"] = "en",
    jobs: int = 0,
) -> Inspection:
    """Find what identifies people in a source, and propose its manifest."""
    with TemporaryDirectory() as beside, archives.fetched(source, Path(beside) / "seen", listener) as found:
        opened = intake.open_(found.place, manifest)
        given = opened.held(listener)
        streams = copying.look(opened, given, Settings(jobs=jobs, language=language), listener)
    if given is None:
        return Inspection((), {}, [], opened.manifest, 0, streams=streams)
    described = account.described(given)
    rules = [rule.get(language, rule["en"]) for rule in described["rules"]]
    told = described["uniqueness"], rules, folder.proposed(given), len(given.cohort), tuple(described["notices"])
    return Inspection(given.findings, *told, streams)
