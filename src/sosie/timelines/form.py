"""How a source keeps its timelines: what writing needs beside the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Form:
    """The native format of a source.

    Parameters
    ----------
    kind : str
        ``long``, ``wide``, ``omop``, ``fhir``, ``meds``, ``hl7``: the reader that made it and the writer that takes it.
    name : str
        Of the source, for messages.
    details : mapping
        What the writer of this kind needs (file names, column names, separators, date formats, concepts); it holds
        nothing of any one patient.
    """

    kind: str
    name: str
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)
