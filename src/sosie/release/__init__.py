"""The gate, and what leaves it."""
