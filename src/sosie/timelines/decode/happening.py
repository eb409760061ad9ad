"""From the course of doubles to their events: codes, times, ends, values, words, deaths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Rows
from sosie.timelines.decode.course import Course
from sosie.timelines.decode.details import Details
from sosie.timelines.decode.history import History
from sosie.timelines.decode.person import Doubles
from sosie.timelines.decode.values import deviations, to_scores, to_values
from sosie.timelines.encode.block import Block
from sosie.timelines.encode.measures import Measure
from sosie.timelines.events import NONE, Events, Group

MOST_REPEATS = 200


@dataclass(frozen=True)
class Levels:
    """Of each measurement in each double, arrays of shape (doubles, measurements)."""

    level: Floats
    slope: Floats
    spread: Floats


def levels_of(
    block: Block, history: History, columns: dict[str, Floats], features: Floats, rng: np.random.Generator
) -> Levels:
    """Read level, slope and spread of every measurement, or draw what the vector does not say."""
    n, width = len(features), len(block.measures)
    shape = (n, width)
    level, slope, spread = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    shown = set(block.shown)
    for at, measure in enumerate(block.measures):
        foretold = features @ history.level[:, at] + history.left[at] * rng.standard_normal(n)
        if (at, "level") in shown:
            foretold = measure.level[0] + measure.level[1] * rng.standard_normal(n)
        drawn = {
            "level": foretold,
            "slope": np.zeros(n),
            "spread": np.full(n, np.log(measure.spread)),
        }
        for name, into in (("level", level), ("slope", slope), ("spread", spread)):
            given = columns.get(f"{name}.{at}", np.full(n, np.nan))
            into[:, at] = np.where(np.isnan(given), drawn[name], given)
    return Levels(level, slope, spread)


def events_of(
    block: Block,
    details: Details,
    whole: bool,
    course: Course,
    doubles: Doubles,
    levels: Levels,
    death: int,
    rng: np.random.Generator,
) -> Events:
    """Return the events of doubles, in order; ``death`` is the code of deaths, or `NONE`."""
    slot, code = _codes(block, course, details, rng)
    groups = list(Group)
    kind = np.array([groups.index(each.group) for each in block.published.codes], dtype=np.int64)
    kind = kind[code] if len(code) else code
    visit = kind == groups.index(Group.VISIT)
    stop = doubles.origin + doubles.followed
    length = _lengths(details, whole, course, slot, code, visit, stop, rng)
    in_visit = course.visit[slot]
    begun = np.where(in_visit, course.start[slot], np.floor(course.start[slot]))
    owner = course.owner[slot]
    time = details.times(kind, begun, length[slot], in_visit, whole, rng)
    time = np.clip(time, np.where(in_visit, course.start[slot], begun), stop[owner])
    time = np.where(visit, course.start[slot], time)
    closed = course.start[slot] + length[slot]
    end = details.ends(code, time, closed, in_visit, whole, rng)
    end = np.where(visit & ~np.isnan(end), closed, np.minimum(end, stop[owner]))
    end = np.where(end < time, time, end)
    value = _values(block, course, slot, code, time - doubles.origin[owner], levels, rng)
    number = _numbers(course)[slot]
    text = details.texts(code, rng)
    if death >= 0:
        died = np.flatnonzero((doubles.dead > 0.5) & doubles.present)
        many, none = len(died), np.full(len(died), np.nan)
        owner, time = np.concatenate([owner, died]), np.concatenate([time, stop[died]])
        end, value = np.concatenate([end, none]), np.concatenate([value, none])
        code = np.concatenate([code, np.full(many, death)])
        text, number = np.concatenate([text, np.full(many, NONE)]), np.concatenate([number, np.full(many, NONE)])
    # A death is the last code: it stands last among what happens at its time.
    order = np.lexsort((code, time, owner))
    return Events(
        owner[order].astype(np.int32),
        time[order],
        end[order],
        code[order].astype(np.int32),
        value[order],
        text[order].astype(np.int32),
        number[order].astype(np.int32),
    )


def _codes(block: Block, course: Course, details: Details, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Draw the codes of the groups, and how often each comes in a slot."""
    groups = block.groups
    size = np.bincount(groups.of, minlength=groups.count)
    first = np.full(groups.count, NONE)
    leader = np.argsort(groups.share, kind="stable")
    first[groups.of[leader]] = leader
    slots, codes = [], []
    one = size[course.group] == 1
    slots.append(course.slot[one])
    codes.append(first[course.group[one]])
    for group in np.flatnonzero(size > 1):
        mine = course.slot[course.group == group]
        members = np.flatnonzero(groups.of == group)
        drawn = rng.random((len(mine), len(members))) < groups.share[members]
        drawn[~drawn.any(axis=1), int(groups.share[members].argmax())] = True
        row, member = np.nonzero(drawn)
        slots.append(mine[row])
        codes.append(members[member])
    slot, code = np.concatenate(slots).astype(np.int64), np.concatenate(codes).astype(np.int64)
    mean = details.repeats[code] if len(code) else np.ones(0)
    times = np.where(mean > 1.0, np.minimum(rng.geometric(1.0 / np.maximum(mean, 1.0)), MOST_REPEATS), 1)
    visits = np.array([each.group is Group.VISIT for each in block.published.codes], dtype=bool)
    times = np.where(visits[code], 1, times) if len(code) else times
    slot, code = np.repeat(slot, times), np.repeat(code, times)
    order = np.lexsort((code, slot))
    return slot[order], code[order]


def _lengths(
    details: Details,
    whole: bool,
    course: Course,
    slot: Rows,
    code: Rows,
    visit: Rows,
    stop: Floats,
    rng: np.random.Generator,
) -> Floats:
    """Draw how long visits last: no longer than up to the next slot, or the end of follow-up."""
    length = np.zeros(len(course.owner))
    at = slot[visit]
    start = course.start[at]
    end = details.ends(code[visit], start, start, np.zeros(len(at), dtype=bool), whole, rng)
    length[at] = np.nan_to_num(end - start)
    following = np.concatenate([course.start[1:], [np.inf]])[: len(length)]
    same = np.concatenate([course.owner[1:] == course.owner[:-1], [False]])[: len(length)]
    most = np.minimum(np.where(same, following, np.inf), stop[course.owner]) - course.start
    return np.clip(length, 0.0, np.maximum(most, 0.0))


def _numbers(course: Course) -> Rows:
    """Number the visits of each double in their order."""
    run = np.cumsum(course.visit)
    owner = course.owner
    first = np.searchsorted(owner, owner)
    before = np.concatenate([[0], run])[first]
    return np.where(course.visit, run - before - 1, NONE)


def _values(
    block: Block, course: Course, slot: Rows, code: Rows, time: Floats, levels: Levels, rng: np.random.Generator
) -> Floats:
    value = np.full(len(code), np.nan)
    order = np.argsort(code, kind="stable")
    bounds = np.searchsorted(code[order], np.arange(len(block.published.codes) + 1))
    noises: list[Floats] = []
    shown: list[Floats] = []
    for at, measure in enumerate(block.measures):
        mine = order[bounds[measure.code] : bounds[measure.code + 1]]
        owner = course.owner[slot[mine]]
        by_slot = noises[measure.mate][slot[mine]] if measure.mate >= 0 else None
        noise = deviations(measure, owner, time[mine], by_slot, rng)
        score = to_scores(
            measure, owner, time[mine], noise, levels.level[:, at], levels.slope[:, at], levels.spread[:, at]
        )
        made = to_values(measure, score, rng)
        if measure.equal:
            theirs = shown[measure.mate][slot[mine]]
            made = np.where(np.isnan(theirs), made, theirs)
        made[rng.random(len(made)) < measure.missing] = np.nan
        value[mine] = made
        noises.append(_by_slot(course, slot[mine], noise))
        shown.append(_by_slot(course, slot[mine], made))
    return value


def _by_slot(course: Course, slot: Rows, numbers: Floats) -> Floats:
    found = np.full(len(course.owner), np.nan)
    found[slot] = numbers
    return found


__all__ = ["Levels", "Measure", "events_of", "levels_of"]
