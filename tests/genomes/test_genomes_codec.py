import itertools
from dataclasses import replace

import numpy as np
import pytest

from sosie.cohort import Cohort
from sosie.errors import ManifestError
from sosie.genomes.codec import GenomesCodec
from sosie.genomes.genotypes import MISSING, GenomesPart
from sosie.genomes.panel import aligned
from sosie.manifest import Manifest
from tests.genomes import generated

LISTED = Manifest.model_validate({"genomes": {"variants": ["rs20"]}})


def made(part: GenomesPart, manifest: Manifest | None = None, seed: int = 0) -> tuple[GenomesPart, np.ndarray]:
    rng = np.random.default_rng(seed)
    codec = GenomesCodec.fit(part, manifest or Manifest(), rng)
    block = codec.encode(part)
    return codec.decode(block, Cohort(()), rng), block.values


def test_doubles_keep_the_frequencies_of_common_alleles() -> None:
    part = generated.cohort()
    doubles, _ = made(part)
    kept = generated.doses(doubles).std(axis=0) > 0
    means = [generated.doses(each).mean(axis=0)[kept] for each in (part, doubles)]
    assert np.corrcoef(*means)[0, 1] > 0.95


def test_doubles_keep_linkage_between_neighbours() -> None:
    part = generated.cohort(people=300, sites=150)
    doubles, _ = made(part)
    both = [generated.doses(each) for each in (part, doubles)]
    common = np.flatnonzero((both[0].std(axis=0) > 0.4) & (both[1].std(axis=0) > 0.3))
    near = [(a, b) for a, b in itertools.pairwise(common) if b == a + 1]
    r = [[abs(np.corrcoef(each[:, a], each[:, b])[0, 1]) for a, b in near] for each in both]
    assert np.corrcoef(*r)[0, 1] > 0.6


def test_alleles_of_too_few_patients_are_gone() -> None:
    lines = generated.alleles(120, 100, np.random.default_rng(1))
    lines[7] = 0
    lines[7, :20:2] = 1
    doubles, _ = made(generated.part(lines))
    assert (doubles.alleles[7] == 0).all()


@pytest.mark.parametrize("phased", [True, False])
def test_doses_of_trait_variants_are_those_that_were_sampled(phased: bool) -> None:
    part = generated.cohort(phased=phased)
    doubles, values = made(part, LISTED)
    assert (generated.doses(doubles)[:, 20] == values[:, -2]).all()


def test_a_trait_variant_keeps_its_neighbours() -> None:
    lines = generated.alleles(200, 100, np.random.default_rng(2))
    lines[20] = np.random.default_rng(3).random(400) < 0.4
    lines[19] = lines[20]
    doubles, _ = made(generated.part(lines), LISTED)
    there = doubles.alleles
    assert (there[19] == there[20]).mean() > 0.9


def test_rare_doses_are_published_as_the_nearest_common_one() -> None:
    lines = generated.alleles(120, 100, np.random.default_rng(4))
    lines[20] = 0
    lines[20, :120:2] = 1
    lines[20, 1] = 1
    _, values = made(generated.part(lines), LISTED)
    assert set(values[:, -2]) == {0.0, 1.0}


def test_patients_without_a_genome_have_doubles_without() -> None:
    part = generated.cohort().take(np.r_[np.arange(100), np.full(20, -1)])
    doubles, values = made(part)
    assert (values[:, 0] == part.present).all()
    assert (doubles.present == part.present).all()
    assert (doubles.sex[~doubles.present] == "").all()


def test_the_sampled_sex_is_that_of_the_double() -> None:
    part = generated.cohort()
    doubles, _ = made(part)
    assert (doubles.sex == part.sex).all()


def test_missing_alleles_are_filled_in() -> None:
    lines = generated.alleles(120, 100, np.random.default_rng(5))
    lines[np.random.default_rng(6).random(lines.shape) < 0.05] = MISSING
    doubles, values = made(generated.part(lines))
    assert set(np.unique(doubles.alleles)) <= {0, 1}
    assert np.isfinite(values).all()


def test_a_panel_takes_the_place_of_the_cohort() -> None:
    part = generated.cohort(people=60)
    lines = generated.alleles(150, 300, np.random.default_rng(0))
    lines[5] = MISSING
    panel = aligned(generated.part(lines), part.variants)
    rng = np.random.default_rng(0)
    codec = GenomesCodec.fit(replace(part, panel=panel), Manifest(), rng)
    doubles = codec.decode(codec.encode(part), Cohort(()), rng)
    assert len(codec.places) == 150
    assert (doubles.alleles[5] == 0).all()


def test_a_panel_whose_alleles_stand_the_other_way_round_is_turned() -> None:
    part = generated.cohort(people=20, sites=10)
    turned = replace(part.variants, ref=part.variants.alt, alt=part.variants.ref)
    assert (aligned(replace(part, variants=turned), part.variants).alleles == 1 - part.alleles).all()


def test_a_variant_that_the_source_lacks_is_refused() -> None:
    with pytest.raises(ManifestError, match="rs999"):
        made(generated.cohort(people=30, sites=20), Manifest.model_validate({"genomes": {"variants": ["rs999"]}}))


def test_a_small_cohort_gives_only_what_all_share() -> None:
    doubles, _ = made(generated.cohort(people=8, sites=50))
    assert (doubles.alleles == doubles.alleles[:, :1]).all()


def test_polygenic_scores_are_kept(tmp_path) -> None:  # type: ignore[no-untyped-def]
    part = generated.cohort(people=200, sites=200)
    rng = np.random.default_rng(7)
    lines = [f"rs{site}\tG\t{weight:.3f}" for site, weight in zip(range(0, 200, 4), rng.normal(size=50), strict=True)]
    (tmp_path / "score.txt").write_text("\n".join(["variant\tallele\tweight", *lines]))
    manifest = Manifest.model_validate({"genomes": {"scores": {"height": str(tmp_path / "score.txt")}}})
    codec = GenomesCodec.fit(part, manifest, rng)
    block = codec.encode(part)
    doubles = codec.decode(block, Cohort(()), rng)
    scores = [codec.block.scores[0].of(each) for each in (part, doubles)]
    assert np.corrcoef(*scores)[0, 1] > 0.3
