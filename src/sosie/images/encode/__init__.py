"""From pictures to latents, and from the latents of its pictures to a patient: one interface, four strengths.

``cosine`` learns nothing; ``pca`` is instant; ``vae`` takes minutes and torch; ``given`` comes from a file.
"""

from sosie.images.encode.representation import NAMES, Encoder, Representation, choose

__all__ = ["NAMES", "Encoder", "Representation", "choose"]
