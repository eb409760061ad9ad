"""Doubles' notes: what a cohort's notes have in common, and new notes written with it."""
