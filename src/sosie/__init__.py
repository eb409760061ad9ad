"""Sosie: doubles of patients, and the evidence that they are nobody.

``sosie.read``, ``sosie.anonymize`` and ``sosie.audit`` are the whole Python interface; the command line is ``sosie``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sosie.api import Release, anonymize, audit, read

__all__ = ["Release", "anonymize", "audit", "read"]


def __getattr__(name: str) -> Any:
    """Import the interface on first use: ``import sosie`` itself is instant."""
    if name in __all__:
        from sosie import api

        return getattr(api, name)
    raise AttributeError(f"module 'sosie' has no attribute {name!r}")
