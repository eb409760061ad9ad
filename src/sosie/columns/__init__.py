"""Columns of any file, whatever it is about: how they are spelled, typed, and what in them identifies people."""
