"""A whole cohort through one model: fit the codecs and the synthesizer, draw doubles that obey every rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from sosie.cohort import Codec, Cohort, Modality, Model, Part, Synthesizer, Vectors
from sosie.errors import SosieError
from sosie.manifest import Manifest

ATTEMPTS = 20
FITS = 10
SPARE = 0.1
LEAST_RATE = 0.02
TOO_FEW = "too few doubles obey the rules of the tables: declare fewer rules in the manifest"


class TooFewError(SosieError):
    """Too few doubles obey the rules of their modalities."""


@dataclass(frozen=True)
class Fitted:
    """The codecs and the model of one cohort. It is personal data."""

    codecs: Mapping[str, Codec]
    widths: Mapping[str, int]
    model: Model

    def draw(self, n: int, rng: np.random.Generator) -> Cohort:
        """Draw ``n`` doubles.

        Doubles that break a rule are drawn again.

        Raises
        ------
        TooFewError
            When too few doubles obey the rules: they contradict each other, or what this fit happened to learn.
        """
        kept: list[Vectors] = []
        done, drawn, wanted = 0, 0, n
        for _ in range(ATTEMPTS):
            vectors = self.model.sample(wanted, rng)
            drawn += wanted
            decoded = self._decode(vectors, rng)
            valid = self._valid(decoded)
            if drawn == n and valid.all():
                return decoded
            kept.append(vectors.take(np.flatnonzero(valid)))
            done += len(kept[-1])
            if done >= n:
                break
            rate = max(done / drawn, LEAST_RATE)
            wanted = int((n - done) / rate * (1 + SPARE)) + 10
        else:
            raise TooFewError(TOO_FEW)
        values = np.vstack([vectors.values for vectors in kept])[:n]
        doubles = self._decode(Vectors(kept[0].columns, values), rng)
        valid = self._valid(doubles)
        bad, sound = np.flatnonzero(~valid), np.flatnonzero(valid)
        # A codec that draws anew may break what held a moment ago: sound doubles take the place of those.
        if len(bad):
            if not len(sound):
                raise TooFewError(TOO_FEW)
            rows = np.arange(n)
            rows[bad] = rng.choice(sound, len(bad))
            doubles = doubles.take(rows)
        return doubles

    def _decode(self, vectors: Vectors, rng: np.random.Generator) -> Cohort:
        keys = tuple(str(number) for number in range(1, len(vectors) + 1))
        parts: dict[str, Part] = {}
        first = 0
        for name, codec in self.codecs.items():
            stop = first + self.widths[name]
            block = Vectors(vectors.columns[first:stop], vectors.values[:, first:stop])
            parts[name] = codec.decode(block, Cohort(keys, dict(parts)), rng)
            first = stop
        return Cohort(keys, parts)

    def _valid(self, doubles: Cohort) -> np.ndarray:
        valid = np.ones(len(doubles), dtype=bool)
        for name, codec in self.codecs.items():
            valid &= codec.valid(doubles.parts[name])
        return valid


@runtime_checkable
class WholeSynthesizer(Protocol):
    """A synthesizer that fits the codecs too: what they look at is part of what it answers for."""

    def fit_cohort(
        self, cohort: Cohort, modalities: Mapping[str, Modality], manifest: Manifest, rng: np.random.Generator
    ) -> Fitted:
        """Fit codecs and model on a cohort."""
        ...


def fit(
    cohort: Cohort,
    modalities: Mapping[str, Modality],
    manifest: Manifest,
    synthesizer: Synthesizer,
    rng: np.random.Generator,
) -> Fitted:
    """Fit the codecs and the synthesizer on a cohort."""
    if isinstance(synthesizer, WholeSynthesizer):
        return synthesizer.fit_cohort(cohort, modalities, manifest, rng)
    codecs = {name: modalities[name].fit_codec(part, manifest, rng) for name, part in cohort.parts.items()}
    blocks = {name: codec.encode(cohort.parts[name]) for name, codec in codecs.items()}
    widths = {name: len(block.columns) for name, block in blocks.items()}
    return Fitted(codecs, widths, synthesizer.fit(Vectors.beside(list(blocks.values())), rng))


def make(
    cohort: Cohort,
    modalities: Mapping[str, Modality],
    manifest: Manifest,
    synthesizer: Synthesizer,
    n: int,
    rng: np.random.Generator,
) -> Cohort:
    """Fit everything on a cohort, and draw ``n`` doubles.

    A strongly protected fit learns so little that it may contradict a rule; it is then made afresh.

    Raises
    ------
    TooFewError
        When `FITS` fits in a row gave too few doubles that obey the rules.
    """
    for _ in range(FITS - 1):
        with suppress(TooFewError):
            return fit(cohort, modalities, manifest, synthesizer, rng).draw(n, rng)
    return fit(cohort, modalities, manifest, synthesizer, rng).draw(n, rng)


@runtime_checkable
class Finishing(Protocol):
    """A modality that looks at a release once more before anybody sees it, by means too slow for every replicate."""

    def finish(self, doubles: Part, original: Part, manifest: Manifest, jobs: int) -> Part:
        """Return the doubles' part without what must not leave."""
        ...


def finished(
    released: Cohort, original: Cohort, modalities: Mapping[str, Modality], manifest: Manifest, jobs: int
) -> Cohort:
    """Return a release as it leaves.

    Only leaving out is done here: an attacker who sees the replicates, where it is not done, sees more.
    """
    parts = {
        name: modality.finish(part, original.parts[name], manifest, jobs)
        if isinstance(modality := modalities[name], Finishing)
        else part
        for name, part in released.parts.items()
    }
    return Cohort(released.keys, parts)


@dataclass(frozen=True)
class Observer:
    """The attacker's view of any cohort of this shape, frozen on one cohort."""

    views: Mapping[str, Callable[[Part], Vectors]]

    @classmethod
    def of(cls, cohort: Cohort, modalities: Mapping[str, Modality], manifest: Manifest) -> Observer:
        """Freeze the view on a cohort."""
        return cls({name: modalities[name].observe(part, manifest) for name, part in cohort.parts.items()})

    def look(self, cohort: Cohort) -> Vectors:
        """Return one uncensored row for each patient."""
        return Vectors.beside([_named(view(cohort.parts[name]), name) for name, view in self.views.items()])


def _named(seen: Vectors, block: str) -> Vectors:
    return replace(seen, columns=tuple(replace(column, block=block) for column in seen.columns))
