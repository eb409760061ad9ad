"""A hospital's patients who do not exist, with all that a hospital holds of them, and what was planted in it."""

from sosie.fictitious.people import Person, nir, people, telephone

__all__ = ["Person", "nir", "people", "telephone"]
