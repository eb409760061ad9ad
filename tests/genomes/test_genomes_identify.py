from dataclasses import replace
from pathlib import Path

import numpy as np

from sosie.cohort import Finding
from sosie.genomes.genotypes import MISSING, Form, GenomesPart, Variants
from sosie.genomes.identify import ancestry, discordant, findings, kinship, singled_out
from sosie.genomes.modality import Genomes
from sosie.manifest import GenomesManifest, Manifest

PLAIN = Manifest()


def drawn(sites: int, people: int, shares: np.ndarray | None = None, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shares = rng.uniform(0.1, 0.5, sites) if shares is None else shares
    return (rng.random((sites, 2 * people)) < shares[:, None]).astype(np.uint8)


def child(alleles: np.ndarray, mother: int, father: int, seed: int) -> np.ndarray:
    """Return the haplotypes of a child of two people, sites apart."""
    rng = np.random.default_rng(seed)
    of = [np.where(rng.random(len(alleles)) < 0.5, alleles[:, 2 * who], alleles[:, 2 * who + 1])
          for who in (mother, father)]  # fmt: skip
    return np.column_stack(of)


def part_of(alleles: np.ndarray) -> GenomesPart:
    sites, people = len(alleles), alleles.shape[1] // 2
    variants = Variants(
        ("1",),
        np.zeros(sites, dtype=np.int16),
        np.arange(1, sites + 1) * 1000,
        np.array([f"rs{at}" for at in range(sites)], dtype=object),
        np.array(["A"] * sites, dtype=object),
        np.array(["C"] * sites, dtype=object),
    )
    keys = tuple(f"K{number}" for number in range(people))
    form = Form("vcf", "all.vcf")
    return GenomesPart(keys, variants, alleles, np.arange(people), True, form, np.array([""] * people))


def labelled(found: tuple[Finding, ...], label: str) -> list[str]:
    return [finding.reason for finding in found if finding.label == label]


def test_kin_are_told_by_degree_and_strangers_are_not() -> None:
    alleles = drawn(8000, 40)
    first, second = child(alleles, 0, 1, 2), child(alleles, 0, 1, 3)
    third = child(np.column_stack([alleles, first]), 40, 5, 4)
    family = np.column_stack([alleles, first, second, third, alleles[:, 14:16]])
    doses = (family[:, 0::2] + family[:, 1::2]).astype(np.int8)
    error = kinship.uncertainty(doses)
    found = {degree: set(map(tuple, pairs.tolist())) for degree, pairs in
             kinship.relatives(kinship.king(doses), error).items()}  # fmt: skip
    assert found["same"] == {(7, 43)}
    assert found["first"] == {(0, 40), (1, 40), (0, 41), (1, 41), (40, 41), (40, 42), (5, 42)}
    assert found["second"] == {(0, 42), (1, 42), (41, 42)}


def test_kinship_is_that_of_the_equation_and_bears_missing_genotypes() -> None:
    one, two = np.array([1, 1, 0, 2, 1, 0, -1]), np.array([1, 0, 2, 2, 1, 0, 1])
    # Two shared heterozygous sites, one of opposite homozygotes; three and two heterozygous sites.
    expected = (2 - 2 * 1) / (2 * 2) + 0.5 - 0.25 * (3 + 2) / 2
    found = kinship.king(np.column_stack([one, two]).astype(np.int8))
    assert np.isclose(found[0, 1], expected)
    assert np.isclose(found[0, 0], 0.5)


def test_a_short_genome_tells_no_kin() -> None:
    # One stretch after the other, all sites of each alike.
    alleles = np.repeat(drawn(20, 30), 100, axis=0)
    part = part_of(alleles)
    spread = replace(part, variants=replace(part.variants, position=part.variants.position * 1000))
    assert not labelled(findings(spread, PLAIN), "RELATIVE")


def test_kin_are_found_on_a_genome_that_is_long_and_not_on_a_stretch_of_it() -> None:
    alleles = drawn(3000, 30)
    part = part_of(np.column_stack([alleles, child(alleles, 0, 1, 2)]))
    spread = replace(part, variants=replace(part.variants, position=part.variants.position * 1000))
    assert labelled(findings(spread, PLAIN), "RELATIVE") == ["2 pairs are parent and child, or siblings"]
    assert not labelled(findings(part, PLAIN), "RELATIVE")


def test_an_ancestry_that_few_share_is_told() -> None:
    rng = np.random.default_rng(5)
    shares = rng.uniform(0.1, 0.5, 3000)
    others = np.clip(shares + rng.choice([-0.35, 0.35], 3000), 0.05, 0.95)
    many, few = drawn(3000, 60, shares), drawn(3000, 3, others, 9)
    doses = np.column_stack([many, few])
    doses = (doses[:, 0::2] + doses[:, 1::2]).astype(np.int8)
    assert np.flatnonzero(ancestry.outliers(ancestry.axes(doses), 11)).tolist() == [60, 61, 62]
    assert not ancestry.outliers(ancestry.axes(doses[:, :60]), 11).any()


def test_rare_and_notable_variants_are_told_without_counts_of_few() -> None:
    alleles = drawn(50, 40, np.full(50, 0.4))
    alleles[3] = 0
    alleles[3, :8] = 1
    manifest = Manifest(genomes=GenomesManifest(variants=("rs3", "1:5000:A:C", "rs999")))
    found = findings(part_of(alleles), manifest)
    assert labelled(found, "RARE_VARIANT") == ["1 of 50 variants have fewer than 11 carriers"]
    assert [reason.split("; ")[1] for reason in labelled(found, "NOTABLE_VARIANT")] == [
        "fewer than 11 patients carry it",
        "11 patients or more carry it",
        "it is not in the source",
    ]


def test_a_sex_that_chromosome_x_contradicts_is_told() -> None:
    part = replace(part_of(drawn(20, 3)), on_x=np.array([0.99, 0.01, np.nan]), sex=np.array(["F", "F", "M"]))
    assert discordant(part).tolist() == [True, False, False]
    assert "of 1 it contradicts" in labelled(findings(part, PLAIN), "SEX")[0]
    assert discordant(part.take(np.array([2, -1, 0]))).tolist() == [False, False, True]


def test_a_few_sites_single_out_everybody() -> None:
    found = singled_out(part_of(drawn(2000, 100)), PLAIN)
    steps, random = found["all_columns"], found["random"]
    assert isinstance(steps, list)
    assert isinstance(random, list)
    assert steps[-1]["alone"] == 1
    assert 4 <= len(steps) <= 10
    assert random[0]["alone"] < random[1]["alone"] <= 1


def test_one_genome_for_all_singles_out_nobody() -> None:
    found = singled_out(part_of(np.tile(drawn(100, 1), 30)), PLAIN)
    assert not found["all_columns"] or found["all_columns"][-1]["alone"] == 0  # type: ignore[index]


def test_findings_bear_missing_alleles_and_absent_patients() -> None:
    alleles = drawn(600, 30)
    alleles[np.random.default_rng(1).random(alleles.shape) < 0.05] = MISSING
    part = part_of(alleles).take(np.array([*range(25), -1, -1]))
    assert {finding.label for finding in findings(part, PLAIN)} >= {"SAMPLE", "GENOME"}
    assert Genomes().describe(part, PLAIN)["uniqueness"]


def test_no_finding_holds_a_name(tmp_path: Path) -> None:
    found = findings(part_of(drawn(100, 30)), PLAIN)
    assert not any("K1" in f"{finding}" for finding in found)


def test_a_release_is_brought_to_the_sites_of_the_original() -> None:
    part = part_of(drawn(30, 5))
    from sosie.genomes.alike import subset

    other = subset(part, np.arange(10, 20))
    assert np.array_equal(Genomes().conform(part, other).alleles, other.alleles)
    assert len(Genomes().shared(part, other).variants) == 10
    assert Genomes().conform(part, part) is part
