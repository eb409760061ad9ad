"""What identifies people in timelines: identifiers that hide in codes and values, rare codes, exact dates, and time."""

from sosie.timelines.identify.findings import findings
from sosie.timelines.identify.uniqueness import uniqueness

__all__ = ["findings", "uniqueness"]
