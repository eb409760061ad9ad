from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cyvcf2")
pytest.importorskip("pgenlib")
pytest.importorskip("bed_reader")

from sosie.errors import SosieError
from sosie.genomes import source
from sosie.manifest import GenomesManifest, Manifest
from tests.genomes import given

ALLELES = given.haplotypes(4, 2)
PAIR = ["A", "B"]


def refused(place: Path, words: str, manifest: Manifest | None = None) -> None:
    with pytest.raises(SosieError, match=words):
        source.read(place, manifest or Manifest())


def site(position: int, calls: str, contig: str = "1", alleles: str = "A\tC") -> str:
    return f"{contig}\t{position}\t.\t{alleles}\t.\t.\t.\tGT\t{calls}"


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([site(5, "0|1\t0|0"), site(5, "0|1\t1|1")], r"a\.vcf: the site 1:5 with the same alleles stands twice"),
        ([site(5, "0|1\t0|0"), site(5, "0|1\t1|1", alleles="T\tC")], "reference allele at 1:5"),
        ([site(5, "0\t0|0")], r"at 1:5 somebody has a single allele"),
        ([site(5, "0|1|1\t0|0")], r"at 1:5 somebody has 3 alleles"),
        ([site(5, "0|1\t0|0"), site(9, "0|1\t0|0", contig="chr1")], "'chr1', and elsewhere '1'"),
        ([site(5, "0|1\t0|0"), site(9, "0|1\t0|0", contig="chr2")], "'chr2', and elsewhere '1'"),
        ([site(250_000_000, "0|1\t0|0")], "1:250000000 lies outside"),
        ([site(5, "0|1")], "malformed"),
        ([site(5, "0|1\t0|0").replace("GT", "DP")], "site 1:5 has no genotypes"),
        ([site(5, "0|1\t0|0", contig="X")], "no site of two alleles"),
    ],
)
def test_a_faulty_site_is_refused_with_its_place(tmp_path: Path, records: list[str], words: str) -> None:
    refused(given.vcf(tmp_path / "a.vcf", records, PAIR), words)


def test_a_snp_and_a_deletion_may_stand_at_one_position(tmp_path: Path) -> None:
    records = [site(5, "0|1\t0|0"), site(5, "0|1\t1|1", alleles="AT\tA")]
    part = source.read(given.vcf(tmp_path / "a.vcf", records, PAIR), Manifest())
    assert len(part.variants) == 2


def test_a_sample_that_stands_twice_is_refused_without_its_name(tmp_path: Path) -> None:
    path = given.vcf(tmp_path / "a.vcf", given.sites(given.haplotypes(4, 3)), ["SECRET", "B", "SECRET"])
    with pytest.raises(SosieError, match="sample number 3") as caught:
        source.read(path, Manifest())
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("cut", [28, 200])
def test_a_truncated_bgzip_is_refused(tmp_path: Path, cut: int) -> None:
    path = given.vcf(tmp_path / "a.vcf.gz", given.sites(given.haplotypes(400, 2)), PAIR)
    path.write_bytes(path.read_bytes()[:-cut])
    refused(path, "truncated")


def test_a_damaged_block_is_refused(tmp_path: Path) -> None:
    path = given.vcf(tmp_path / "a.vcf.gz", given.sites(given.haplotypes(8000, 2)), PAIR)
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 0xFF
    path.write_bytes(held)
    refused(path, "truncated, damaged or malformed")


def test_two_builds_are_refused(tmp_path: Path) -> None:
    given.vcf(tmp_path / "1.vcf", given.sites(ALLELES), PAIR)
    other = [line.replace("243199373", "242193529") for line in given.HEAD if "ID=1," not in line]
    given.vcf(tmp_path / "2.vcf", given.sites(ALLELES, "2"), PAIR, other)
    refused(tmp_path, "2.vcf: the file is of build GRCh38, and 1.vcf of GRCh37")


def test_two_builds_in_one_header_are_refused(tmp_path: Path) -> None:
    mixed = [line.replace("243199373", "242193529") for line in given.HEAD]
    refused(given.vcf(tmp_path / "a.vcf", given.sites(ALLELES), PAIR, mixed), "GRCh37, GRCh38")


def test_the_same_site_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.vcf", "b.vcf"):
        given.vcf(tmp_path / name, given.sites(ALLELES), PAIR)
    refused(tmp_path, "b.vcf: the site 1:1000 .*also in a.vcf")


def test_other_samples_in_another_file_are_refused(tmp_path: Path) -> None:
    given.vcf(tmp_path / "a.vcf", given.sites(ALLELES), PAIR)
    given.vcf(tmp_path / "b.vcf", given.sites(ALLELES, "2"), ["A", "C"])
    refused(tmp_path, "1 samples of a.vcf are missing in it, and 1 others")


def test_two_samples_of_one_patient_are_refused(tmp_path: Path) -> None:
    given.vcf(tmp_path / "a.vcf", given.sites(ALLELES), PAIR)
    (tmp_path / "s.csv").write_text("sample,patient\nA,1\nB,1\n", encoding="utf-8")
    refused(tmp_path, "samples number 1 and 2", Manifest(genomes=GenomesManifest(samples="s.csv")))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def regions(path: Path) -> None:
    path.write_text("1\t5\t9\n", encoding="utf-8")


def twice(path: Path) -> None:
    fam = path.with_suffix(".fam")
    fam.write_text(fam.read_text(encoding="utf-8").replace("B", "A"), encoding="utf-8")


def alone(path: Path) -> None:
    path.with_suffix(".bim").unlink()


def ragged(path: Path) -> None:
    bim = path.with_suffix(".bim")
    bim.write_text("1 rs1 0\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(cut, "truncated"), (regions, "BED file of regions"), (twice, "twice"), (alone, "no a.bim"), (ragged, "row 1")],
)
def test_faulty_plink_files_are_refused(tmp_path: Path, spoil: Callable[[Path], None], words: str) -> None:
    (tmp_path / "a.fam").write_text("A A 0 0 1 -9\nB B 0 0 2 -9\n", encoding="utf-8")
    (tmp_path / "a.bim").write_text("1 rs1 0 5 C A\n", encoding="utf-8")
    (tmp_path / "a.bed").write_bytes(b"\x6c\x1b\x01" + bytes([0b1011]))
    assert np.array_equal(given.doses(source.read(tmp_path, Manifest())), [[0, 1]])
    spoil(tmp_path / "a.bed")
    refused(tmp_path, words)


def test_a_vcard_and_a_list_of_regions_are_no_genomes(tmp_path: Path) -> None:
    (tmp_path / "card.vcf").write_text("BEGIN:VCARD\n", encoding="utf-8")
    regions(tmp_path / "regions.bed")
    assert not source.recognises(tmp_path, Manifest())


def test_structural_variants_are_left_out_with_a_notice(tmp_path: Path) -> None:
    records = [
        *given.sites(ALLELES),
        site(9000, "0|1\t0|0", alleles="A\t<DEL>"),
        site(9100, "0|0\t0|0", alleles="A\t."),
    ]
    part = source.read(given.vcf(tmp_path / "a.vcf", records, PAIR), Manifest())
    assert len(part.variants) == 4
    assert any("1 alleles without a sequence" in notice and "1:9000" in notice for notice in part.notices)
    assert any("1 sites have no alternative" in notice and "1:9100" in notice for notice in part.notices)
