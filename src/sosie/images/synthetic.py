"""Pictures of doubles: the encoder, the patients, a density on their vectors, and the decoder, in one line.

A cohort's pictures enter; pictures of as many doubles as asked for leave. Whatever is fitted on the cohort is fitted
here, so that attacks which call it with and without a patient see all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sosie.cohort import Synthesizer
from sosie.images.decode.detail import Bank
from sosie.images.encode.patients import PatientCodec
from sosie.images.encode.representation import Encoder
from sosie.images.pictures import Pictures


@dataclass(frozen=True)
class Maker:
    """A way to make pictures of doubles.

    Parameters
    ----------
    encoder : Encoder
    synthesizer : Synthesizer
        The density of the patient vectors.
    bank : Bank, optional
        Public pictures, from which what is fine is taken.
    k : int
        Fewest patients behind what sets a class apart.
    """

    encoder: Encoder
    synthesizer: Synthesizer
    bank: Bank | None = None
    k: int = 11

    def make(self, pictures: Pictures, rng: np.random.Generator, doubles: int | None = None) -> Pictures:
        """Fit everything on some pictures, and draw the pictures of as many doubles, or of another number."""
        codec = PatientCodec.fit(pictures, self.encoder, rng, k=self.k)
        model = self.synthesizer.fit(codec.encode(pictures), rng)
        made = codec.decode(model.sample(doubles or pictures.patients, rng), rng)
        return made if self.bank is None else replace(made, pixels=self.bank.add(made.pixels, rng))
