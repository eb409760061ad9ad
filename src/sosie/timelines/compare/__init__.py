"""What doubles' timelines keep of the patients', and what attacks on trajectories find."""

from sosie.timelines.compare.compare import compare

__all__ = ["compare"]
