from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cyvcf2")
pytest.importorskip("pgenlib")
pytest.importorskip("bed_reader")

from sosie.errors import SosieError
from sosie.genomes import source
from sosie.genomes.genotypes import MISSING
from sosie.genomes.modality import Genomes
from sosie.genomes.source import store
from sosie.manifest import GenomesManifest, Manifest
from sosie.stream import Fact, Knowledge
from tests.genomes import given

PLAIN = Manifest()


def test_phased_genotypes_are_read_as_they_stand(tmp_path: Path) -> None:
    alleles = given.cohort(tmp_path)
    part = source.read(tmp_path, PLAIN)
    assert part.phased
    assert np.array_equal(part.alleles, alleles)
    assert part.keys == tuple(given.names(6))
    assert (part.variants.contigs, part.variants.ids[1], part.variants.position[1]) == (("1",), "rs1x1", 1100)


def test_one_genotype_without_phase_makes_all_unphased_with_a_notice(tmp_path: Path) -> None:
    records = given.sites(np.array([[0, 1, 1, 1]] * 3))
    records[2] = records[2].replace("0|1", "0/1")
    part = source.read(given.vcf(tmp_path / "a.vcf", records, ["A", "B"]), PLAIN)
    assert not part.phased
    assert any("1 heterozygous" in notice for notice in part.notices)


def test_sites_of_several_alternative_alleles_are_split(tmp_path: Path) -> None:
    path = given.vcf(tmp_path / "a.vcf", ["1\t5\t.\tA\tC,G\t.\t.\t.\tGT\t1|2\t0|1"], ["A", "B"])
    part = source.read(path, PLAIN)
    assert list(part.variants.alt) == ["C", "G"]
    assert part.alleles.tolist() == [[1, 0, 0, 1], [0, 1, 0, 0]]


def test_what_was_not_called_is_missing(tmp_path: Path) -> None:
    path = given.vcf(tmp_path / "a.vcf", ["1\t5\t.\tA\tC\t.\t.\t.\tGT\t./.\t.\t0/1"], ["A", "B", "C"])
    assert source.read(path, PLAIN).alleles.tolist() == [[MISSING] * 4 + [0, 1]]


def test_a_file_a_chromosome_is_joined_by_samples_whatever_their_order(tmp_path: Path) -> None:
    alleles = given.haplotypes(10, 3)
    given.vcf(tmp_path / "chr2.vcf", given.sites(alleles, "2"), ["A", "B", "C"])
    given.vcf(tmp_path / "chr1.vcf", given.sites(alleles[:, [4, 5, 0, 1, 2, 3]], "1"), ["C", "A", "B"])
    part = source.read(tmp_path, PLAIN)
    assert part.variants.contigs == ("1", "2")
    assert np.array_equal(part.alleles[:10], part.alleles[10:])


def test_large_genotypes_lie_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alleles = given.cohort(tmp_path)
    monkeypatch.setattr(store.Store.__init__, "__defaults__", (100,))
    part = source.read(tmp_path, PLAIN)
    assert isinstance(part.alleles, np.memmap)
    assert np.array_equal(part.alleles, alleles)


def test_sites_out_of_order_are_sorted_with_a_notice(tmp_path: Path) -> None:
    alleles = given.haplotypes(10, 3)
    path = given.vcf(tmp_path / "a.vcf", given.sites(alleles)[::-1], ["A", "B", "C"])
    part = source.read(path, PLAIN)
    assert np.array_equal(part.alleles, alleles)
    assert any("order" in notice for notice in part.notices)


def test_the_public_panel_is_no_patient_s(tmp_path: Path) -> None:
    given.cohort(tmp_path)
    given.vcf(tmp_path / "panel.vcf", given.sites(given.haplotypes(5, 2)), ["X", "Y"])
    manifest = Manifest(genomes=GenomesManifest(panel="panel.vcf"))
    assert len(source.read(tmp_path, manifest).keys) == 6
    with pytest.raises(SosieError, match="missing in it"):
        source.read(tmp_path, PLAIN)


def test_a_list_gives_samples_to_patients(tmp_path: Path) -> None:
    given.cohort(tmp_path)
    rows = "".join(f"{name};{number}\n" for number, name in enumerate(given.names(5)))
    (tmp_path / "samples.csv").write_text(f"Sample;Patient\n{rows}", encoding="utf-8")
    part = source.read(tmp_path, Manifest(genomes=GenomesManifest(samples="samples.csv")))
    assert part.keys == ("0", "1", "2", "3", "4", "PT005")
    assert any("1 samples do not stand in samples.csv" in notice for notice in part.notices)


@pytest.mark.parametrize("sample", ["{}", "F1_{}", "{}_{}"])
def test_samples_find_their_patients_in_the_tables_by_family_and_name(tmp_path: Path, sample: str) -> None:
    samples = [sample.format(name, name) for name in ("P1", "P2", "P3")]
    given.vcf(tmp_path / "a.vcf", given.sites(given.haplotypes(5, 3)), samples)
    modality = Genomes()
    part = modality.read(tmp_path, PLAIN)
    knowledge = Knowledge({key: [Fact("PATIENT_KEY", key)] for key in ("P1", "P2", "P9")})
    placed = modality.attend(part, PLAIN, knowledge, 1, lambda event: None)
    assert placed.keys == ("P1", "P2")
    assert any("1 samples name no patient" in notice for notice in placed.notices)


def test_patients_without_a_genome_are_borne(tmp_path: Path) -> None:
    given.cohort(tmp_path)
    part = source.read(tmp_path, PLAIN).take(np.array([2, -1, 0]))
    assert part.present.tolist() == [True, False, True]
    assert next(part.chunks())[1].shape == (40, 4)
    source.write(replace(part, keys=("1", "2", "3")), tmp_path / "out")
    assert len(source.read(tmp_path / "out", PLAIN).keys) == 2


def test_chromosome_x_tells_sexes_and_is_left_out_with_a_notice(tmp_path: Path) -> None:
    alleles = given.haplotypes(200, 40)
    alleles[:, 1:40:2] = alleles[:, 0:40:2]
    given.vcf(tmp_path / "a.vcf", given.sites(alleles[:5]) + given.sites(alleles, "X", 3_000_000), given.names(40))
    part = source.read(tmp_path, PLAIN)
    assert part.variants.contigs == ("1",)
    assert part.on_x is not None
    assert (part.on_x[:20] > 0.9).all()
    assert (part.on_x[20:] < 0.5).all()
    assert any("200 sites of chromosome X" in notice and "X:3000000" in notice for notice in part.notices)
