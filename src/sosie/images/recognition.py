"""A network that learns to recognise a patient from one picture to another: the re-identifying attacker.

Real pictures and whose they are enter; a map from pictures to points leaves, in which pictures of one patient lie
together (supervised contrastive learning, arXiv 2004.11362; re-identification of chest radiographs: Packhäuser et al.
2022, doi:10.1038/s41598-022-19045-3). torch is imported where it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sosie.cohort import Floats, Rows
from sosie.images.pictures import Singles

SIDE = 64
STEPS = 300
PATIENTS = 20
RATE = 1e-3
TEMPERATURE = 0.15
POINTS = 32
MOST_SHIFT = 4
CHANNELS = (24, 48, 96)


@dataclass(frozen=True)
class Recogniser:
    """A trained network.

    Parameters
    ----------
    network : torch.nn.Module
    """

    network: Any

    def __call__(self, pixels: Floats) -> Floats:
        """Return the points of pictures, of length 1; shape (pictures, `POINTS`)."""
        import torch

        with torch.no_grad():
            found = torch.nn.functional.normalize(self.network(_batch(pixels)), dim=1)
        return np.asarray(found.numpy(), dtype=np.float64)


def train(pixels: Singles, patient: Rows, rng: np.random.Generator, *, steps: int = STEPS) -> Recogniser:
    """Train on pictures of known patients.

    Parameters
    ----------
    pixels : ndarray of float32, shape (pictures, side, side)
    patient : ndarray of int64, shape (pictures,)
    rng : numpy.random.Generator
    steps : int
        Batches of two pictures of each of `PATIENTS` patients; one picture twice, differently shifted, where a patient
        has no other.
    """
    import torch

    own = [np.flatnonzero(patient == number) for number in np.unique(patient)]
    whole = _batch(pixels)
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        network = _network()
        optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-2)
        for _ in range(steps):
            chosen = rng.choice(len(own), min(PATIENTS, len(own)), replace=False)
            pairs = [rng.choice(own[one], 2, replace=len(own[one]) < 2) for one in chosen]
            first, second = (
                torch.nn.functional.normalize(network(_varied(whole[[pair[at] for pair in pairs]], rng)), dim=1)
                for at in (0, 1)
            )
            alike = first @ second.T / TEMPERATURE
            target = torch.arange(len(pairs))
            loss = torch.nn.functional.cross_entropy(alike, target) + torch.nn.functional.cross_entropy(alike.T, target)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return Recogniser(network.eval())


def _network() -> Any:
    from torch import nn

    layers: list[Any] = []
    before = 1
    for channels in CHANNELS:
        layers += [nn.Conv2d(before, channels, 3, 2, 1), nn.GroupNorm(8, channels), nn.SiLU()]
        before = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(16 * before, POINTS))


def _varied(pictures: Any, rng: np.random.Generator) -> Any:
    """Shift pictures and change their tones: what a patient's next film would differ by anyway."""
    import torch

    down, right = rng.integers(-MOST_SHIFT, MOST_SHIFT + 1, 2)
    moved = torch.roll(pictures, (int(down), int(right)), dims=(2, 3))
    gain = torch.as_tensor(rng.uniform(0.8, 1.2, (len(pictures), 1, 1, 1)), dtype=torch.float32)
    return moved * gain


def _batch(pixels: Singles | Floats) -> Any:
    """Return pictures without their mean tone, in units of their contrast, shape (pictures, 1, `SIDE`, `SIDE`)."""
    import torch

    whole = torch.as_tensor(np.asarray(pixels), dtype=torch.float32)[:, None]
    if whole.shape[-1] != SIDE:
        whole = torch.nn.functional.interpolate(whole, (SIDE, SIDE), mode="area")
    middle, spread = whole.mean(dim=(2, 3), keepdim=True), whole.std(dim=(2, 3), keepdim=True)
    return (whole - middle) / (spread + 1e-3)
