"""Whether two parts tell the same events, whatever order their codes and words are numbered in."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from sosie.timelines.events import TimelinesPart


def assert_same_events(part: TimelinesPart, again: TimelinesPart) -> None:
    for field in fields(part.events):
        mine, theirs = getattr(part.events, field.name), getattr(again.events, field.name)
        if field.name in ("code", "text"):
            words = ("codes", "texts")[field.name == "text"]
            kept = [(*getattr(part, words), None)[at] for at in mine]
            assert kept == [(*getattr(again, words), None)[at] for at in theirs], field.name
        else:
            np.testing.assert_array_equal(mine, theirs, field.name)
