"""Generates annotated fictitious notes and trains the detector of `sosie.notes.tagger` on them."""
