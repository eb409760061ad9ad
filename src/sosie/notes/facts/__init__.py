"""What a note says of its patient: problems, treatments, measurements, sex and age, and how surely."""

from sosie.notes.facts.extract import extract
from sosie.notes.facts.mention import FactKind, Mention, Status

__all__ = ["FactKind", "Mention", "Status", "extract"]
