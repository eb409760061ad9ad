"""What identifies people in a note, replaced: by what could be somebody else's, or by tags."""

from sosie.notes.redact.patient import Double
from sosie.notes.redact.style import Action, Style
from sosie.notes.redact.text import Redacted, Replaced, redact

__all__ = ["Action", "Double", "Redacted", "Replaced", "Style", "redact"]
