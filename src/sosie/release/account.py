"""What the evidence says besides the verdict: the source, the method, the utility, the machine."""

from __future__ import annotations

import resource
import sys
from typing import Any

import numpy as np

from sosie import doubles
from sosie.cohort import Cohort
from sosie.evidence import Decision, Verdict
from sosie.intake import Source
from sosie.joint.compare import compare as joint
from sosie.manifest import Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.release.trial import Trial
from sosie.settings import Settings
from sosie.synthesis.catalogue import Setting


def stated(settings: Settings, source: Source, size: int, rounds: int, setting: Setting | None) -> dict[str, Any]:
    """Return what the evidence says of the method; the seed only when the user gave one."""
    observer = doubles.Observer.of(source.cohort, source.modalities, source.manifest)
    columns = len(observer.look(source.cohort.take(np.arange(1))).columns)
    stated: dict[str, Any] = {
        "command": "anonymize",
        "guarantee": settings.guarantee,
        **_method(settings, source.manifest, setting),
        "columns": columns,
        "doubles": size,
        "rounds": rounds,
        **declared(source.manifest),
    }
    if settings.seed is not None:
        stated["seed"] = settings.seed
    return stated


def _method(settings: Settings, manifest: Manifest, setting: Setting | None) -> dict[str, Any]:
    """Return how the doubles were made: by the setting of a search, or under differential privacy."""
    if setting is None:
        return {"synthesizer": "marginals", "k": manifest.k, "epsilon": settings.epsilon}
    made = {"synthesizer": setting.synthesizer, "strength": round(setting.strength, 4), "k": manifest.k}
    return {**made, "leaf": 2 * manifest.k} if setting.synthesizer == "trees" else made


def declared(manifest: Manifest) -> dict[str, Any]:
    """Return what the manifest says of the processing, for the impact assessment; what it leaves out is empty."""
    return {
        "controller": manifest.controller,
        "purpose": manifest.purpose,
        "recipient": manifest.recipient,
        "legal_basis": manifest.legal_basis,
        "threat_model": manifest.threat_model,
        "expires": None if manifest.expires is None else manifest.expires.isoformat(),
        "reassess_months": manifest.reassess_months,
    }


RESUMED = "This run was interrupted and went on from where it was; its times are those of the last start."


def described(source: Source, *, resumed: bool = False) -> dict[str, Any]:
    """Return the rules, the uniqueness and the notices of all modalities, and whether the run was interrupted."""
    told = [
        modality.describe(source.cohort.parts[name], source.manifest) for name, modality in source.modalities.items()
    ]
    rules: list[Any] = []
    notices: list[Any] = []
    for one in told:
        words: Any = one["rules"]
        rules += [{"en": english, "fr": french} for english, french in zip(words["en"], words["fr"], strict=True)]
        noticed: Any = one["notices"]
        notices += noticed
    notices += source.notices
    if resumed:
        notices.append(RESUMED)
    uniqueness: dict[str, Any] = {}
    for one in reversed(told):  # What two modalities tell under one name, the first is right about.
        uniqueness |= dict(one["uniqueness"])  # type: ignore[call-overload]
    return {"rules": rules, "uniqueness": uniqueness, "notices": notices}


def designated(judged: Trial, source: Source, pseudonyms: Pseudonyms | None) -> dict[str, Any]:
    """Return the evidence of a trial, the exposed under the pseudonyms that ``deidentify --key`` gives the patients.

    Without the institution's secret they keep numbers that mean nothing.
    """
    if pseudonyms is None or "exposed" not in judged.privacy:
        return judged.privacy
    exposed = [
        {**one, "number": _number(source.cohort.keys[row], pseudonyms)}
        for one, row in zip(judged.privacy["exposed"], judged.exposed, strict=True)
    ]
    return {**judged.privacy, "exposed": exposed}


def _number(key: str, pseudonyms: Pseudonyms) -> str:
    return str(pseudonyms.number(key)) if key.isdecimal() else pseudonyms.pseudonym(key)


def compared(source: Source, released: Cohort, rng: np.random.Generator) -> dict[str, Any]:
    """Return what the doubles keep, by modality; of several, also what joins them, as ``cohort``."""
    found: dict[str, Any] = {
        name: dict(modality.compare(source.cohort.parts[name], released.parts[name], source.manifest, rng))
        for name, modality in source.modalities.items()
    }
    if len(found) > 1:
        observer = doubles.Observer.of(source.cohort, source.modalities, source.manifest)
        views = observer.look(source.cohort), observer.look(released)
        found["cohort"] = joint(source.cohort, released, views, rng)
    return found


def shown(utility: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    """Return what the doubles keep, without pictures of doubles that were not released."""
    if verdict.decision is Decision.RELEASED:
        return utility
    return {name: {key: value for key, value in one.items() if key != "page"} for name, one in utility.items()}


def peak_memory() -> float:
    """Return the peak memory of this process, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024.0 if sys.platform != "darwin" else 1024.0**2), 1)
