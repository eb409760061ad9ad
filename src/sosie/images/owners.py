"""Whose a picture or a volume is, which itself names nobody: as its path, or a table that lists it, tells.

What the manifest reads in the path comes first, then the table, then a patient key of the tables in the path, then a
BIDS subject. Where none tells, the file is a patient of its own.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sosie.images import listing
from sosie.manifest import Manifest

_BIDS = re.compile(r"(?:^|[/_])sub-([A-Za-z0-9]+)(?=[/_.])")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LEAST = 4
"""Characters of a patient key that is looked for in the names of files."""


@dataclass(frozen=True)
class Owners:
    """Tells whose a file is.

    Parameters
    ----------
    declared : str, optional
        Regular expression of the manifest, with the group ``patient``.
    listed : mapping of str to str
        Patient keys, by the names of files that a table lists.
    """

    declared: str | None = None
    listed: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, place: Path, manifest: Manifest) -> Owners:
        """Read the tables of a source that list its images."""
        return cls(manifest.images.path, listing.read(place, manifest).owners)

    def find(self, name: str, keys: Container[str] = ()) -> str | None:
        """Return the patient key of a file, None where nothing tells.

        Parameters
        ----------
        name : str
            Of the file, relative to the source.
        keys : container of str
            Patient keys of the tables.
        """
        if self.declared and (found := re.search(self.declared, name)) and found.groupdict().get("patient"):
            return found["patient"]
        if name in self.listed:
            return self.listed[name]
        known = next((word for word in _WORD.findall(name) if len(word) >= _LEAST and word in keys), None)
        if known is None and (subject := _BIDS.search(name)):
            return subject[1]
        return known
