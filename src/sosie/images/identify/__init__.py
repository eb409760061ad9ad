"""What identifies people in the header of an image, and where it stands in any text."""

from sosie.images.identify.collect import Identifiers, Person, identifiers
from sosie.images.identify.finder import Finder

__all__ = ["Finder", "Identifiers", "Person", "identifiers"]
