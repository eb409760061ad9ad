import json
import re
from pathlib import Path

import pytest

pytest.importorskip("cyvcf2")
pytest.importorskip("pgenlib")
pytest.importorskip("bed_reader")

from sosie.checkpoint import Checkpoint
from sosie.errors import UnreadableError
from sosie.genomes.copy import Genomes
from sosie.genomes.redact.heading import cleaned
from sosie.genomes.redact.names import Names
from sosie.genomes.source.header import Header
from sosie.manifest import GenomesManifest, Manifest
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Fact, Knowledge, Order, Tally
from tests.genomes import given

PLAIN = Manifest()
SECRET = Pseudonyms(b"s" * 32)
HEAD = [
    *given.HEAD,
    "##fileDate=20240301",
    "##source=pipeline of J. Dupont",
    "##reference=file:///home/dupont/hg19.fa",
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Count">',
    '##INFO=<ID=hiConfDeNovo,Number=1,Type=String,Description="Child of PT001">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth in /data/dupont/x.bam">',
    "##SAMPLE=<ID=PT001,Description=Dupont>",
    "##PEDIGREE=<ID=PT003,Father=PT001,Mother=PT002>",
    "##bcftools_viewCommand=view /home/dupont/x.vcf; Date=Mon",
]


def copied(place: Path, out: Path, manifest: Manifest = PLAIN, knowledge: Knowledge | None = None) -> Tally:
    out.mkdir()
    order = Order(SECRET, knowledge or Knowledge())
    return Genomes().copy(place, manifest, out, order, Checkpoint(), lambda event: None)


def lines(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    records = [line.replace("\t.\tGT", "\tAC=3;hiConfDeNovo=PT002,PT004\tGT") for line in
               given.sites(given.haplotypes(300, 6))]  # fmt: skip
    given.vcf(tmp_path / "in" / "all.vcf.gz", records, given.names(6), HEAD)
    return tmp_path / "in"


def test_samples_bear_pseudonyms_everywhere_and_genotypes_stay(folder: Path, tmp_path: Path) -> None:
    tally = copied(folder, tmp_path / "out")
    before, after = given.text(folder / "all.vcf.gz"), given.text(tmp_path / "out" / "data" / "all.vcf.gz")
    assert not re.search(r"PT\d|[Dd]upont|/home|/data|2024", after)
    mine = [SECRET.pseudonym(name) for name in given.names(6)]
    records = [line.split("\t") for line in after.splitlines() if not line.startswith("##")]
    assert records[0][9:] == mine
    assert records[1][7] == f"AC=3;hiConfDeNovo={mine[2]},{mine[4]}"
    assert [line.split("\t")[9:] for line in before.splitlines()[-300:]] == [words[9:] for words in records[1:]]
    assert f"##PEDIGREE=<ID={mine[3]},Father={mine[1]},Mother={mine[2]}>" in after
    assert "##reference=hg19.fa" in after
    assert tally.documents == 1
    assert tally.labels["SAMPLE"] == 7


def test_the_copy_says_that_it_is_still_personal_data(folder: Path, tmp_path: Path) -> None:
    tally = copied(folder, tmp_path / "out")
    assert any("remains personal data" in problem.reason for problem in tally.problems)


def test_findings_tell_lines_and_never_a_name(folder: Path, tmp_path: Path) -> None:
    copied(folder, tmp_path / "out")
    found = lines(tmp_path / "out")
    assert {"document": "all.vcf.gz", "sample": 1, "label": "SAMPLE", "action": "pseudonym"} in found
    assert {each["label"] for each in found} == {"SAMPLE", "DATE", "HEADER_LINE", "PEDIGREE", "COMMAND_LINE"}
    assert not re.search("PT00|upont", json.dumps(found))


@pytest.mark.parametrize("kind", ["vcf", "bcf"])
def test_bcftools_reads_a_copy_by_its_index(folder: Path, tmp_path: Path, kind: str) -> None:
    bcftools = given.tool("bcftools")
    name = "all.vcf.gz"
    if kind == "bcf":
        name = "all.bcf"
        given.run(bcftools, "view", "-Ob", "-o", folder / name, folder / "all.vcf.gz")
        (folder / "all.vcf.gz").unlink()
    copied(folder, tmp_path / "out")
    path = tmp_path / "out" / "data" / name
    found = given.run(bcftools, "view", "-H", "-r", "1:5000-9000", path)
    assert found.count("\n") == 41
    assert found == given.run(bcftools, "view", "-H", "-t", "1:5000-9000", path)
    assert not re.search(r"PT\d|upont", given.run(bcftools, "view", "--no-version", path))
    assert "hiConfDeNovo=" + SECRET.pseudonym("PT002") in found


def test_a_patient_has_the_pseudonym_of_the_tables(folder: Path, tmp_path: Path) -> None:
    (folder / "samples.csv").write_text("sample,patient\nPT000,17\n", encoding="utf-8")
    manifest = Manifest(genomes=GenomesManifest(samples="samples.csv"))
    knowledge = Knowledge({"17": [Fact("PATIENT_KEY", "17", "990017")]})
    tally = copied(folder, tmp_path / "out", manifest, knowledge)
    titles = re.search("#CHROM.*", given.text(tmp_path / "out" / "data" / "all.vcf.gz"))
    assert titles is not None
    assert titles[0].split("\t")[9] == "990017"
    assert any("5 samples name no patient" in problem.reason for problem in tally.problems)
    assert not (tmp_path / "out" / "data" / "samples.csv").exists()
    assert folder / "samples.csv" in Genomes().claims(folder, manifest)


def test_a_sample_named_by_a_number_changes_no_number(tmp_path: Path) -> None:
    records = [
        line.replace("\t.\tGT", "\tAC=1001;X=1001\tGT") for line in given.sites(given.haplotypes(3, 2), first=1001)
    ]
    given.vcf(tmp_path / "in" / "a.vcf", records, ["1001", "1002"], HEAD)
    copied(tmp_path / "in", tmp_path / "out")
    words = given.text(tmp_path / "out" / "data" / "a.vcf").splitlines()[-3].split("\t")
    assert (words[1], words[7]) == ("1001", f"AC=1001;X={SECRET.number('1001')}")


def test_a_file_named_after_a_sample_is_renamed(tmp_path: Path) -> None:
    given.vcf(tmp_path / "in" / "PT001.vcf", given.sites(given.haplotypes(3, 1)), ["PT001"])
    tally = copied(tmp_path / "in", tmp_path / "out")
    assert tally.paths == {"PT001.vcf": f"{SECRET.pseudonym('PT001')}.vcf"}


def test_families_and_parents_of_plink_files_agree_with_their_people(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    fam = "FA P1 0 0 1 2\nFA P2 0 0 2 1\nFA P3 P1 P2 1 -9\nP4 P4 0 GONE 2 1.5\n"
    (folder / "a.fam").write_text(fam, encoding="utf-8")
    (folder / "a.bim").write_text("1 rs1 0 5 C A\n", encoding="utf-8")
    (folder / "a.bed").write_bytes(b"\x6c\x1b\x01\x2b")
    copied(folder, tmp_path / "out")
    data = tmp_path / "out" / "data"
    rows = [line.split("\t") for line in (data / "a.fam").read_text(encoding="utf-8").splitlines()]
    mine, family = [SECRET.pseudonym(f"P{number}") for number in (1, 2, 3, 4)], SECRET.pseudonym("FA", "family")
    assert rows[2] == [family, mine[2], mine[0], mine[1], "1", "-9"]
    assert rows[3] == [mine[3], mine[3], "0", SECRET.pseudonym("GONE"), "2", "1.5"]
    assert (data / "a.bed").read_bytes() == (folder / "a.bed").read_bytes()
    assert (data / "a.bim").read_bytes() == (folder / "a.bim").read_bytes()


def test_phenotypes_of_psam_are_carried_over_but_for_words_of_one_s_own(folder: Path, tmp_path: Path) -> None:
    plink2 = given.tool("plink2")
    given.run(plink2, "--vcf", folder / "all.vcf.gz", "--make-pgen", "vzs", "--out", tmp_path / "p", "--threads", "1")
    (tmp_path / "p.log").unlink()
    (tmp_path / "pgen").mkdir()
    for path in tmp_path.glob("p.*"):
        path.rename(tmp_path / "pgen" / path.name)
    rows = "".join(f"{name}\t1\t{at / 2}\tDupont{at}\t{'yn'[at % 2]}\n" for at, name in enumerate(given.names(6)))
    (tmp_path / "pgen" / "p.psam").write_text(f"#IID\tSEX\tBMI\tDOCTOR\tSMOKES\n{rows}", encoding="utf-8")
    tally = copied(tmp_path / "pgen", tmp_path / "out")
    data = tmp_path / "out" / "data"
    assert (data / "p.psam").read_text(encoding="utf-8").splitlines()[2].split("\t") == [
        SECRET.pseudonym("PT001"), "1", "0.5", "NA", "n",
    ]  # fmt: skip
    given.run(plink2, "--pfile", data / "p", "vzs", "--freq", "--out", tmp_path / "f", "--threads", "1")
    given.run(plink2, "--pfile", data / "p", "vzs", "--export", "vcf", "--out", tmp_path / "v", "--threads", "1")
    text = (tmp_path / "v.vcf").read_text(encoding="utf-8")
    assert not re.search(r"PT00\d|[Dd]upont", text)
    assert tally.labels["PHENOTYPE"] == 1


def test_a_truncated_file_leaves_no_copy(folder: Path, tmp_path: Path) -> None:
    path = folder / "all.vcf.gz"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UnreadableError, match="truncated"):
        copied(folder, tmp_path / "out")
    assert not list((tmp_path / "out" / "data").iterdir())


def test_a_look_tells_what_genotypes_say_of_people(folder: Path) -> None:
    tally = Genomes().inspect(folder, PLAIN, Order(SECRET), lambda event: None)
    assert {"SAMPLE", "GENOME", "RARE_VARIANT", "COMMAND_LINE"} <= set(tally.labels)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("##contig=<ID=1,length=9,assembly=b37,URL=file:/x/y>", "##contig=<ID=1,length=9,assembly=b37>"),
        ('##FILTER=<ID=q10,Description="Quality below 10">', '##FILTER=<ID=q10,Description="Quality below 10">'),
        ('##FILTER=<ID=q,Description="by a@b.fr",IDX=3>', '##FILTER=<ID=q,Description="",IDX=3>'),
        ("##reference=/data/x y.fa", None),
        ("##GATKCommandLine.HaplotypeCaller=<ID=x>", None),
        ("##phasing=none", None),
    ],
)
def test_lines_of_a_header(line: str, kept: str | None) -> None:
    header = Header(("##fileformat=VCFv4.2", line), (*given.TITLES.split("\t"), "A"))
    done = cleaned(header, Names(SECRET, Knowledge()))
    assert done.lines[1:] == (() if kept is None else (kept,))
    assert len(done.changes) == (line != kept)
