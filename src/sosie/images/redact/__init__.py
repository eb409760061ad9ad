"""What identifies people in the header of an image, removed or replaced as PS3.15 Annex E says."""

from sosie.images.redact.cleaner import Cleaner
from sosie.images.redact.profile import Profile

__all__ = ["Cleaner", "Profile"]
