"""What redaction needs of a language: its code, the names of its labels, its lists of names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sosie.notes.document import Label


class Tongue(Protocol):
    """What redaction needs of a language."""

    @property
    def code(self) -> str:
        """ISO 639-1."""
        ...

    @property
    def published(self) -> Mapping[Label, str]:
        """How findings and tags name each label."""
        ...

    def gazetteer(self, name: str) -> frozenset[str]:
        """Return a list of folded words."""
        ...
