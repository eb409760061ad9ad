"""What the doubles' genomes keep, and what attacks on them found, as `sosie.genomes.compare` measured it.

Every part is optional and none is trusted: a part that cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from sosie.report import genome_plots, svg
from sosie.report.reading import mapping, number, text
from sosie.report.sides import Row
from sosie.report.words import Words


@dataclass(frozen=True)
class GenomesUtility:
    """What is kept of the genomes, what the attacks found, and the pictures."""

    kept: tuple[Row, ...]
    attacks: tuple[Row, ...]
    charts: tuple[Markup, ...]


def read(raw: object, say: Words) -> GenomesUtility | None:
    """Read what was measured; None when nothing was."""
    source = mapping(raw)
    if not source:
        return None
    attacks = tuple(_attacks(mapping(source.get("attacks")), say))
    with svg.style():
        charts = tuple(genome_plots.charts(source, say))
    return GenomesUtility(tuple(_kept(source, say)), attacks, charts)


def _kept(source: Mapping[str, object], say: Words) -> Iterator[Row]:
    people = mapping(source.get("patients"))
    yield Row(say("genomes.patients"), *(say.number(number(people.get(side))) for side in ("original", "doubles")))
    yield Row(say("genomes.variants"), say.number(number(source.get("variants"))), "")
    frequencies = mapping(source.get("frequencies"))
    yield from _alone(frequencies, ("r", "fst"), "frequency", say)
    mixed = [mapping(mapping(frequencies.get("heterozygosity")).get(side)) for side in ("original", "doubles")]
    if any(mixed):
        yield Row(say("genomes.heterozygosity"), *(say.number(number(side.get("mean")), 3) for side in mixed))
    single = mapping(frequencies.get("monomorphic"))
    if single:
        shares = (say.percent(number(single.get(side))) for side in ("original", "doubles"))
        yield Row(say("genomes.monomorphic"), *shares)
    yield from _alone(mapping(source.get("linkage")), ("pair_r", "decay_r"), "linkage", say)
    structure = mapping(source.get("structure"))
    if structure:
        sides = (say.number(number(structure.get(name)), 4) for name in ("frechet_halves", "frechet"))
        yield Row(say("genomes.frechet"), *sides)
    association = mapping(source.get("association"))
    if association:
        phenotype = say.known("genomes", f"phenotype_{text(association.get('phenotype'))}", "")
        for name in ("effects_r", "top_shared"):
            yield Row(say(f"genomes.{name}", phenotype=phenotype), "", say.number(number(association.get(name)), 3))


def _alone(source: Mapping[str, object], names: tuple[str, ...], group: str, say: Words) -> Iterator[Row]:
    for name in names:
        value = number(source.get(name))
        if value is not None:
            yield Row(say(f"genomes.{group}_{name}"), "", say.number(value, 4))


def _attacks(source: Mapping[str, object], say: Words) -> Iterator[Row]:
    accuracy = number(mapping(source.get("aats")).get("accuracy"))
    if accuracy is not None:
        yield Row(say("genomes.aats"), "", say.number(accuracy, 3))
    kinship = mapping(source.get("kinship"))
    for name in ("median", "highest"):
        value = number(kinship.get(name))
        if value is not None:
            yield Row(say(f"genomes.kinship_{name}"), "", say.number(value, 3))
