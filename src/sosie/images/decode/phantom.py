"""Chest radiographs of nobody: drawn from parameters, never from a patient.

A random generator enters, phantoms leave. They are the public pictures from which a decoder takes what no cohort of a
few hundred patients can teach it without giving them away: ribs, clavicles, the edges of heart and diaphragm. Shapes
follow textbook anatomy on a frontal film (x to the right of the viewer, y downward, both in [-1, 1]); tones are
attenuations that add up, so that a rib before a lung is fainter than a rib before the heart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]
RIBS = 10
OPACITIES = 4
LINES = 3
BLOCK = 64


@dataclass(frozen=True)
class _Person:
    """Parameters of some phantoms, each of shape (phantoms, 1, 1); lengths are halves of the film."""

    width: Plane
    apex: Plane
    base: Plane
    dome: Plane
    heart: Plane
    middle: Plane
    slope: Plane
    spacing: Plane
    lucency: Plane
    bone: Plane
    fat: Plane


def phantoms(count: int, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw phantoms.

    Parameters
    ----------
    count : int
    side : int
        Pixels of a side.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (count, side, side)
        Tones from 0 (black) to 1 (white).
    """
    blocks = [_drawn(min(BLOCK, count - first), side, rng) for first in range(0, count, BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros((0, side, side), dtype=np.float32)


def _drawn(count: int, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    person = _people(count, rng)
    x, y = _film(count, side, rng)
    lungs = _lungs(person, x, y)
    body = _body(person, x, y)
    tone = person.fat * body * (1.0 + 0.25 * y)
    tone += 0.25 * body * _spine(person, x, y) + 0.4 * body * _mediastinum(person, x, y)
    tone += person.bone * body * (_ribs(person, x, y) + 0.9 * _clavicles(person, x, y))
    tone -= person.lucency * lungs
    tone += 0.5 * person.lucency * lungs * (_vessels(x, y, rng) + _opacities(x, y, rng))
    tone += _wires(x, y, rng)
    low, high = np.quantile(tone, [0.02, 0.99], axis=(1, 2))[:, :, None, None]
    return np.asarray(np.clip((tone - low) / (high - low), 0.0, 1.0), dtype=np.float32)


def _people(count: int, rng: np.random.Generator) -> _Person:
    def some(low: float, high: float) -> Plane:
        return rng.uniform(low, high, (count, 1, 1)).astype(np.float32)

    return _Person(
        width=some(0.72, 0.92),
        apex=some(-0.92, -0.7),
        base=some(0.4, 0.85),
        dome=some(0.15, 0.45),
        heart=some(0.22, 0.38),
        middle=some(0.12, 0.2),
        slope=some(0.15, 0.5),
        spacing=some(0.15, 0.2),
        lucency=some(0.45, 1.0),
        bone=some(0.1, 0.28),
        fat=some(0.75, 1.1),
    )


def _film(count: int, side: int, rng: np.random.Generator) -> tuple[Plane, Plane]:
    """Return where each pixel lies on the person: films are turned, shifted and enlarged."""
    line = ((np.arange(side) + 0.5) / side * 2.0 - 1.0).astype(np.float32)
    one = (count, 1, 1)
    drawn = (
        rng.normal(0.0, 0.05, one),
        rng.uniform(0.88, 1.12, one),
        rng.normal(0.0, 0.06, one),
        rng.normal(0.0, 0.07, one),
    )
    turn, scale, right, down = (each.astype(np.float32) for each in drawn)
    x, y = line[None, None, :], line[None, :, None]
    across = scale * (np.cos(turn) * x - np.sin(turn) * y) - right
    along = scale * (np.sin(turn) * x + np.cos(turn) * y) - down
    return across, along


def _step(distance: Plane, width: float = 0.03) -> Plane:
    """Return 1 where a distance is positive, 0 where it is negative, over a soft edge."""
    return np.asarray(0.5 * (1.0 + np.tanh(distance / width)))


def _body(person: _Person, x: Plane, y: Plane) -> Plane:
    chest = person.width + 0.22 + 0.1 * np.clip(-y, -0.5, 0.5)
    shoulders = _step(-0.62 - y + 0.55 * (np.abs(x) - 0.25), 0.05) * _step(np.abs(x) - 0.2, 0.08)
    return np.asarray(_step(chest - np.abs(x), 0.05) * (1.0 - 0.6 * shoulders))


def _lungs(person: _Person, x: Plane, y: Plane) -> Plane:
    high = np.clip((y - person.apex) / (0.3 - person.apex), 0.0, 1.0)
    outer = person.width * np.sqrt(np.clip(1.0 - (1.0 - high) ** 2.4, 0.0, 1.0))
    inner = person.middle + 0.03 * np.cos(5.0 * y)
    place = np.abs(x) - 0.45 * person.width
    floor = person.base + np.where(x < 0, -0.05, 0.02) + 1.6 * person.dome * place**2
    return np.asarray(
        _step(outer - np.abs(x))
        * _step(np.abs(x) - inner)
        * _step(floor - y, 0.025)
        * _step(y - person.apex)
        * (1.0 - 0.85 * _heart(person, x, y))
    )


def _heart(person: _Person, x: Plane, y: Plane) -> Plane:
    across, along = x - 0.42 * person.heart, y - person.base + 0.22
    turned = across * 0.82 + along * 0.57, -across * 0.57 + along * 0.82
    return _step(1.0 - np.sqrt((turned[0] / (1.25 * person.heart)) ** 2 + (turned[1] / person.heart) ** 2), 0.1)


def _mediastinum(person: _Person, x: Plane, y: Plane) -> Plane:
    knob = np.exp(-(((x - 0.16) / 0.1) ** 2) - ((y + 0.3) / 0.12) ** 2)
    trachea = np.exp(-((x / 0.045) ** 2)) * _step(-0.25 - y, 0.1)
    return np.asarray(_step(person.middle - np.abs(x), 0.05) + 0.35 * knob - 0.5 * trachea + 0.5 * _heart(person, x, y))


def _spine(person: _Person, x: Plane, y: Plane) -> Plane:
    discs = 0.8 + 0.2 * np.cos(2.0 * np.pi * y / (0.72 * person.spacing))
    return np.asarray(np.exp(-((x / 0.09) ** 4)) * discs)


def _ribs(person: _Person, x: Plane, y: Plane) -> Plane:
    """Return posterior ribs, which rise to the spine, and fainter anterior ones, which fall to the sternum."""
    found = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    inside = np.abs(x) / (person.width + 0.06)
    cage = _step(1.0 - inside, 0.03)
    for number in range(RIBS):
        level = person.apex + 0.02 + number * person.spacing
        curve = level - 0.08 + person.slope * (inside**1.6) * (0.35 + 0.09 * number) - 0.1 * inside
        found += _bone(y - curve, 0.028) * cage * _step(np.abs(x) - 0.1, 0.03)
        if number > 1:
            front = level + 0.2 - 0.45 * person.slope * (inside - 0.35)
            found += 0.45 * _bone(y - front, 0.034) * cage * _step(inside - 0.35, 0.08)
    return found


def _bone(distance: Plane, half: float) -> Plane:
    """Return a bone seen from the side: a plate between two brighter edges."""
    edge = np.exp(-(((np.abs(distance) - half) / 0.009) ** 2))
    return np.asarray(0.55 * _step(half - np.abs(distance), 0.01) + 0.6 * edge)


def _clavicles(person: _Person, x: Plane, y: Plane) -> Plane:
    curve = person.apex + 0.16 - 0.32 * (np.abs(x) - 0.1) + 0.08 * np.sin(6.0 * np.abs(x))
    return np.asarray(_bone(y - curve, 0.03) * _step(np.abs(x) - 0.08, 0.03) * _step(0.8 - np.abs(x), 0.05))


def _vessels(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    """Return the branching shadow around each hilum, denser near it."""
    found = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for side in (-1.0, 1.0):
        across, along = side * x - 0.2, y + 0.02
        far = np.hypot(across, along)
        angle = np.arctan2(along, across)
        phase = rng.uniform(0.0, 2.0 * np.pi, (len(x), 3, 1, 1))
        rays = sum(np.cos(count * angle + phase[:, at] + 3.0 * far) for at, count in enumerate((7, 12, 19)))
        found += np.exp(-far / 0.22) * (0.5 + 0.25 * np.clip(rays, 0.0, None)) * (side * x > 0)
    return found


def _opacities(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    found = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for _ in range(OPACITIES):
        across, along = rng.uniform(-0.7, 0.7, (len(x), 1, 1)), rng.uniform(-0.5, 0.7, (len(x), 1, 1))
        size, deep = rng.uniform(0.08, 0.3, (len(x), 1, 1)), rng.exponential(0.5, (len(x), 1, 1))
        found += deep * np.exp(-((x - across) ** 2 + (y - along) ** 2) / size**2)
    return found


def _wires(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    """Return a few thin bright lines: electrodes and catheters of some patients."""
    found = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for _ in range(LINES):
        start, bend, wave = (rng.normal(0.0, spread, (len(x), 1, 1)) for spread in (0.4, 0.4, 0.15))
        shown = 0.25 * (rng.random((len(x), 1, 1)) < 0.35)
        curve = start + bend * y + wave * np.sin(3.0 * y + 10.0 * start)
        found += shown * np.exp(-(((x - curve) / 0.01) ** 2)) * _step(0.3 - np.abs(y + 0.2 * start), 0.1)
    return found
