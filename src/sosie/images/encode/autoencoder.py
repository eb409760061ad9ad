"""The strongest encoder that learns: a small convolutional variational autoencoder (arXiv 1312.6114).

It learns from the cohort, so it is personal data; it is trained on few patients in minutes on a processor, faster on a
graphics card. torch is imported here alone, where it is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sosie.cohort import Floats
from sosie.errors import ManifestError
from sosie.images.pictures import Singles

SIDE = 64
STEPS = 400
BATCH = 32
RATE = 2e-3
PENALTY = 4.0
CHANNELS = (16, 32, 64)
NOISE = 0.1


@dataclass(frozen=True)
class LearnedMaps:
    """A trained autoencoder.

    Parameters
    ----------
    encoder, decoder : torch.nn.Module
    width : int
        Number of latents.
    side : int
        Pixels of a side of the pictures that come in and go out; the network works on `SIDE`.
    """

    encoder: Any
    decoder: Any
    width: int
    side: int
    frozen: str | None = field(default=None, init=False)

    def encode(self, pixels: Singles) -> Floats:
        """Return the centres of the latents, of about unit variance."""
        import torch

        with torch.no_grad():
            found = self.encoder(_batch(pixels))[:, : self.width]
        return np.asarray(found.cpu().numpy(), dtype=np.float64)

    def decode(self, latents: Floats) -> Singles:
        """Return pictures, shape (pictures, side, side)."""
        import torch

        place = next(self.decoder.parameters()).device
        with torch.no_grad():
            made = self.decoder(torch.as_tensor(latents, dtype=torch.float32, device=place))
            made = torch.nn.functional.interpolate(made, (self.side, self.side), mode="bilinear")
        return np.asarray(made[:, 0].cpu().numpy(), dtype=np.float32)


@dataclass(frozen=True)
class Autoencoder:
    """Trains an autoencoder.

    Parameters
    ----------
    width : int
        Number of latents.
    steps : int
        Batches of `BATCH` pictures; patients are drawn alike, then one of their pictures.
    penalty : float
        Weight of the divergence of the latents from a standard normal, per pixel unit; the higher, the smoother.
    device : str, optional
        ``cpu`` or ``cuda``; a graphics card where there is one, by default.
    """

    width: int = 16
    steps: int = STEPS
    penalty: float = PENALTY
    device: str | None = None

    def fit(self, pixels: Singles, weights: Floats, rng: np.random.Generator) -> LearnedMaps:
        """Learn from pictures and their weights.

        Raises
        ------
        ManifestError
            When torch is not installed.
        """
        try:
            import torch
        except ImportError:
            raise ManifestError("images: encoder 'vae' needs torch: pip install 'sosie[vae]'") from None
        place = self.device or ("cuda" if torch.cuda.is_available() else "cpu")
        with torch.random.fork_rng():
            torch.manual_seed(int(rng.integers(2**31)))
            encoder, decoder = _networks(self.width)
            self._train(encoder.to(place), decoder.to(place), _batch(pixels).to(place), weights, rng)
        return LearnedMaps(encoder.eval(), decoder.eval(), self.width, pixels.shape[1])

    def _train(self, encoder: Any, decoder: Any, pixels: Any, weights: Floats, rng: np.random.Generator) -> None:
        import torch

        parameters = [*encoder.parameters(), *decoder.parameters()]
        optimiser = torch.optim.Adam(parameters, lr=RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=self.steps)
        shares = weights / weights.sum()
        for _ in range(self.steps):
            batch = pixels[torch.as_tensor(rng.choice(len(shares), BATCH, p=shares), device=pixels.device)]
            centre, spread = encoder(batch).chunk(2, dim=1)
            spread = spread.clamp(-6.0, 2.0)
            latents = centre + torch.exp(0.5 * spread) * torch.randn_like(centre)
            error = ((decoder(latents) - batch) ** 2).sum(dim=(1, 2, 3)) / (2.0 * NOISE**2)
            divergence = 0.5 * (centre**2 + spread.exp() - 1.0 - spread).sum(dim=1)
            loss = (error + self.penalty * divergence).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1000.0)
            optimiser.step()
            schedule.step()


def _networks(width: int) -> tuple[Any, Any]:
    """Return an encoder to twice ``width`` figures (centres and spreads) and a decoder from ``width``."""
    from torch import nn

    first, second, third = CHANNELS
    small = SIDE // 8
    encoder = nn.Sequential(
        nn.Conv2d(1, first, 4, 2, 1),
        nn.SiLU(),
        nn.Conv2d(first, second, 4, 2, 1),
        nn.SiLU(),
        nn.Conv2d(second, third, 4, 2, 1),
        nn.SiLU(),
        nn.Flatten(),
        nn.Linear(third * small * small, 2 * width),
    )
    decoder = nn.Sequential(
        nn.Linear(width, third * small * small),
        nn.SiLU(),
        nn.Unflatten(1, (third, small, small)),
        nn.ConvTranspose2d(third, second, 4, 2, 1),
        nn.SiLU(),
        nn.ConvTranspose2d(second, first, 4, 2, 1),
        nn.SiLU(),
        nn.ConvTranspose2d(first, 1, 4, 2, 1),
    )
    return encoder, decoder


def _batch(pixels: Singles) -> Any:
    """Return the pictures at the size of the network, shape (pictures, 1, SIDE, SIDE)."""
    import torch

    whole = torch.as_tensor(pixels, dtype=torch.float32)[:, None]
    if whole.shape[-1] == SIDE:
        return whole
    return torch.nn.functional.interpolate(whole, (SIDE, SIDE), mode="area")
