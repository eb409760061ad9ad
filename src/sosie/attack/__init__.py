"""Attacks on a release: what an attacker learns about a patient from it, and from a release made without them."""
