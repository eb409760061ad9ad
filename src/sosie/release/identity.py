"""What makes two runs the same run: their inputs, what they were asked for, and the version that does it.

It leaves as a digest under a key that the checkpoint holds. What changes no result (threads, language, where the keys
are, whether a refusal is kept) is left out, so that a run may go on with other values of those.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from sosie import doubles
from sosie import manifest as manifests
from sosie.checkpoint import Identify
from sosie.cohort import Cohort
from sosie.inputs import digests
from sosie.intake import Source
from sosie.pseudonyms import Pseudonyms
from sosie.release.folder import version
from sosie.settings import Settings

WITHOUT_EFFECT = frozenset({"jobs", "language", "home", "keep_refused"})


def of(given: Source, source: Path | str, settings: Settings, control: Cohort | None) -> Identify:
    """Return what digests the identity of a run on a source that was read."""
    asked = {name: value for name, value in asdict(settings).items() if name not in WITHOUT_EFFECT}

    def identify(key: bytes) -> str:
        digest = Pseudonyms(key)
        inputs = _inputs(given, source, given.cohort, digest)
        if settings.control is not None and control is not None:
            inputs += _inputs(given, settings.control, control, digest)
        stated = {
            "version": version(),
            "settings": asked,
            "manifest": manifests.dump(given.manifest),
            "inputs": inputs,
        }
        return digest.hmac(json.dumps(stated, sort_keys=True, default=str).encode())

    return identify


def _inputs(given: Source, source: Path | str, cohort: Cohort, digest: Pseudonyms) -> list[str]:
    """Digest the files of a source and the hierarchies beside them; of a database, what was read of it."""
    if "://" in str(source):
        shared = given.shared(cohort)
        observer = doubles.Observer.of(shared.cohort, shared.modalities, shared.manifest)
        return [digest.hmac(repr(cohort.keys).encode()), digest.hmac(observer.look(cohort).values.tobytes())]
    found = [f"{each.name} {each.hmac_sha256}" for each in digests(source, cohort.keys, digest)]
    columns = (column for table in given.manifest.tables.values() for column in table.columns.values())
    root = Path(source) if Path(source).is_dir() else Path(source).parent
    lists = sorted({str(column.hierarchy) for column in columns if column.hierarchy} - {"none", "prefix"})
    return found + [digest.hmac_file(root / name) for name in lists if (root / name).is_file()]
