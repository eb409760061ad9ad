"""Synthesizers: they see patient vectors and no modality."""
