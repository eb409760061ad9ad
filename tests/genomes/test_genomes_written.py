from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cyvcf2")
pytest.importorskip("pgenlib")
pytest.importorskip("bed_reader")

from sosie.genomes import source
from sosie.genomes.genotypes import MISSING, GenomesPart
from sosie.genomes.source.index import Index
from sosie.manifest import Manifest
from tests.genomes import given

PLAIN = Manifest()
SITES, PEOPLE = 600, 7


def doubled(part: GenomesPart) -> GenomesPart:
    """Return a part whose patients have the numbers of doubles."""
    return replace(part, keys=tuple(str(number + 1) for number in range(len(part.keys))))


@pytest.fixture
def cohort(tmp_path: Path) -> np.ndarray:
    """Two contigs, one of them long, with a few alleles that were not called."""
    alleles = given.haplotypes(SITES, PEOPLE)
    records = given.sites(alleles[:400]) + given.sites(alleles[400:], "2", 200_000_000)
    alleles[3, 4:6] = MISSING
    words = records[3].split("\t")
    records[3] = "\t".join([*words[:11], ".|.", *words[12:]])
    given.vcf(tmp_path / "in" / "all.vcf.gz", records, given.names(PEOPLE))
    return alleles


def converted(folder: Path, kind: str) -> Path:
    """Have the real tools write the cohort in another format; return its folder."""
    origin, other = folder / "in" / "all.vcf.gz", folder / kind
    other.mkdir()
    if kind == "bcf":
        given.run(given.tool("bcftools"), "view", "-Ob", "-o", other / "all.bcf", origin)
    elif kind == "vcf":
        origin.rename(other / origin.name)
    else:
        made = "--make-bed" if kind == "plink1" else "--make-pgen"
        words = ["--vcf", origin, made, "--out", other / "all", "--threads", "1"]
        given.run(given.tool("plink2"), *words)
        (other / "all.log").unlink()
    return other


@pytest.mark.parametrize("kind", ["vcf", "bcf", "plink1", "plink2"])
def test_what_is_written_is_read_again_alike(tmp_path: Path, cohort: np.ndarray, kind: str) -> None:
    part = source.read(converted(tmp_path, kind), PLAIN)
    source.write(doubled(part), tmp_path / "out")
    again = source.read(tmp_path / "out", PLAIN)
    expected = cohort[:, 0::2] + cohort[:, 1::2]
    called = cohort[:, 0::2] != MISSING
    assert np.array_equal(given.doses(again)[called], expected[called])
    assert (again.alleles[3, 4:6] == MISSING).all()
    assert again.phased == part.phased == (kind != "plink1")
    assert again.keys == tuple(f"D{number}" for number in range(1, PEOPLE + 1))
    if kind != "plink1":
        assert np.array_equal(again.alleles, cohort)
    for name in ("contigs", "contig", "position", "ids", "ref", "alt"):
        assert list(getattr(again.variants, name)) == list(getattr(part.variants, name))


@pytest.mark.parametrize(("kind", "index"), [("vcf", "tbi"), ("vcf", "csi"), ("bcf", "csi")])
def test_bcftools_finds_places_by_the_index(tmp_path: Path, cohort: np.ndarray, kind: str, index: str) -> None:
    bcftools = given.tool("bcftools")
    folder = converted(tmp_path, kind)
    origin = next(folder.iterdir())
    if index == "csi":
        given.run(bcftools, "index", "--csi", origin)
    source.write(doubled(source.read(folder, PLAIN)), tmp_path / "out")
    path = tmp_path / "out" / origin.name
    assert path.with_name(f"{path.name}.{index}").exists()
    for place in ("1:1000-1000", "1:16000-17000", "1:30000-90000", "2:200000000-200010000", "2:200019900"):
        found = given.run(bcftools, "view", "-H", "-r", place, path)
        assert found == given.run(bcftools, "view", "-H", "-t", place, path)
        assert found
    assert given.run(bcftools, "index", "-s", path).split("\n")[0] == "1\t249250621\t400"


@pytest.mark.parametrize("kind", ["vcf", "plink1", "plink2"])
def test_plink2_reads_what_is_written(tmp_path: Path, cohort: np.ndarray, kind: str) -> None:
    plink2 = given.tool("plink2")
    source.write(doubled(source.read(converted(tmp_path, kind), PLAIN)), tmp_path / "out")
    what = {"vcf": "--vcf", "plink1": "--bfile", "plink2": "--pfile"}[kind]
    path = tmp_path / "out" / ("all.vcf.gz" if kind == "vcf" else "all")
    given.run(plink2, what, path, "--freq", "--out", tmp_path / "f", "--threads", "1")
    rows = [line.split("\t") for line in (tmp_path / "f.afreq").read_text(encoding="utf-8").splitlines()[1:]]
    known = np.where(cohort == MISSING, 0, cohort).sum(1) / (cohort != MISSING).sum(1)
    assert np.allclose([float(row[4]) for row in rows], known, atol=1e-4)


def test_a_file_a_chromosome_comes_out_a_file_a_chromosome(tmp_path: Path) -> None:
    alleles = given.haplotypes(10, 3)
    for contig in "12":
        given.vcf(tmp_path / "in" / f"c{contig}.vcf", given.sites(alleles, contig), ["A", "B", "C"])
    source.write(doubled(source.read(tmp_path / "in", PLAIN)), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["c1.vcf", "c2.vcf"]
    assert given.text(tmp_path / "out" / "c2.vcf").count("\n2\t") == 10


def test_doubles_are_named_as_tables_name_them(tmp_path: Path) -> None:
    for at, samples in enumerate((["11", "12", "13"], ["P1", "P2", "P3"])):
        given.vcf(tmp_path / f"{at}.vcf", given.sites(given.haplotypes(4, 3)), samples)
        from sosie.genomes.modality import Genomes

        Genomes().write(doubled(Genomes().read(tmp_path / f"{at}.vcf", PLAIN)), tmp_path / "out")
        assert given.text(tmp_path / "out" / f"{at}.vcf").splitlines()[-5].split("\t")[9:] == [
            f"{'' if at == 0 else 'D'}{number}" for number in (1, 2, 3)
        ]


def test_doubles_headers_hold_nothing_of_the_source_s_but_contigs(tmp_path: Path) -> None:
    head = [*given.HEAD, "##SAMPLE=<ID=PT001>", "##bcftools_viewCommand=view /home/x", "##fileDate=20240101"]
    given.vcf(tmp_path / "a.vcf", given.sites(given.haplotypes(4, 3)), given.names(3), head)
    source.write(doubled(source.read(tmp_path / "a.vcf", PLAIN)), tmp_path / "out")
    lines = [line for line in given.text(tmp_path / "out" / "a.vcf").splitlines() if line.startswith("##")]
    assert {line.split("=")[0] for line in lines} == {"##fileformat", "##FILTER", "##contig", "##FORMAT"}


def test_a_long_record_is_found_in_every_bin_that_it_reaches(tmp_path: Path) -> None:
    tabix = given.tool("tabix")
    from sosie.genomes.source import bgzf, variant_file

    index = Index([])
    path = tmp_path / "a.vcf.gz"
    with bgzf.Writer(path) as file:
        file.write(("\n".join([*given.HEAD, f"{given.TITLES}\tA"]) + "\n").encode())
        for start, length in ((999, 400_000), (100_999, 1), (349_999, 20_000), (900_000, 1)):
            begin = file.tell()
            file.write(f"1\t{start + 1}\t.\t{'A' * length}\tC\t.\t.\t.\tGT\t0|1\n".encode())
            index.add(index.number("1"), start, start + length, begin, file.tell())
    for csi in (False, True):
        variant_file.keep(index, path, binary=False, csi=csi)
        found = given.run(tabix, path, "1:360000-361000"), given.run(tabix, path, "1:101000-101000")
        assert [each.count("\n") for each in found] == [2, 2]
        for other in (".tbi", ".csi"):
            path.with_name(path.name + other).unlink(missing_ok=True)
