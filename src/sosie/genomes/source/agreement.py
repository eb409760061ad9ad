"""Whether several files are of the same people, the same reference build and the same names of chromosomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sosie.errors import ManifestError, UnreadableError
from sosie.genomes.source import chromosomes
from sosie.genomes.source.opened import File

MIXED = "{what} is written {this}, and elsewhere {that}; rename with `bcftools annotate --rename-chrs`"


def kind(files: Sequence[File]) -> str:
    """Return the one format of all files.

    Raises
    ------
    ManifestError
    """
    kinds = sorted({file.kind for file in files})
    if len(kinds) > 1:
        names = ", ".join(file.origin.name for file in files[:6])
        raise ManifestError(f"genomes in several formats ({', '.join(kinds)}) stand together ({names}): keep one")
    return kinds[0]


def people(files: Sequence[File]) -> None:
    """Refuse files of different people.

    Raises
    ------
    UnreadableError
    """
    first = files[0]
    known = set(first.samples)
    for file in files[1:]:
        missing, more = len(known - set(file.samples)), len(set(file.samples) - known)
        if missing or more:
            raise UnreadableError(
                file.origin.name,
                f"{missing} samples of {first.origin.name} are missing in it, and {more} others stand there; files of "
                "one source hold other sites of the same people (`bcftools merge` puts people together)",
            )


def lengths(files: Iterable[File]) -> tuple[dict[str, int], str]:
    """Return the lengths of contigs that all files declare, and the build that they show, where one does.

    Raises
    ------
    UnreadableError
        When files, or two contigs of one, are of different builds.
    """
    known: dict[str, tuple[int, str]] = {}
    build, said_by = "", ""
    for file in files:
        name = file.origin.name
        found = _builds(file.lengths)
        if len(found) > 1:
            raise UnreadableError(name, f"its contigs have the lengths of several builds: {', '.join(sorted(found))}")
        mine = next(iter(found), "")
        if mine and build and mine != build:
            raise UnreadableError(name, f"the file is of build {mine}, and {said_by} of {build}: lift one over")
        if mine and not build:
            build, said_by = mine, name
        for contig, length in file.lengths.items():
            before, where = known.setdefault(contig, (length, name))
            if before and length and before != length:
                raise UnreadableError(
                    name, f"contig {contig} is {length} long, and {before} in {where}: these are different builds"
                )
            if length and not before:
                known[contig] = length, name
    return {contig: length for contig, (length, _) in known.items()}, build


def spelled(used: Mapping[str, str]) -> None:
    """Refuse chromosomes that are written with ``chr`` here and without there.

    Parameters
    ----------
    used : mapping of str to str
        Contigs that have sites, and the file of the first.

    Raises
    ------
    UnreadableError
    """
    styles: dict[bool, str] = {}
    for contig, file in used.items():
        for style in chromosomes.prefixed([contig]):
            other = styles.get(not style)
            if other is not None:
                raise UnreadableError(
                    file, MIXED.format(what="a chromosome", this=repr(contig), that=f"{other!r} ({used[other]})")
                )
            styles.setdefault(style, contig)
    twice = Counter(chromosomes.bare(contig) for contig in used if chromosomes.rank(contig) < (4, 0))
    for name, count in twice.items():
        if count > 1:
            both = [contig for contig in used if chromosomes.bare(contig) == name]
            raise UnreadableError(
                used[both[1]], MIXED.format(what="a chromosome", this=repr(both[1]), that=repr(both[0]))
            )


def _builds(lengths: Mapping[str, int]) -> set[str]:
    """Return the builds of one file: one that explains all its known lengths, else all of them."""
    each = [chromosomes.builds({contig: length}) for contig, length in lengths.items()]
    known = [found for found in each if found]
    if not known:
        return set()
    shared = set.intersection(*known)
    return {min(shared)} if shared else set.union(*known)
