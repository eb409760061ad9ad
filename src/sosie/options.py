"""What several commands of the command line take, each option under one name and one help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sosie.console import Language


class Guarantee(StrEnum):
    """What a release is held to."""

    AUDITED = "audited"
    DP = "dp"


class SynthesizerName(StrEnum):
    """How doubles are made."""

    AUTO = "auto"
    TREES = "trees"
    MIXTURE = "mixture"
    MARGINALS = "marginals"


Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="A file, a folder, or an address (database, archive of images).", show_default=False
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False)]
Manifest = Annotated[
    Path | None,
    typer.Option("--manifest", metavar="FILE", help="sosie.yaml; by default, the one beside the data.", exists=True),
]
Lang = Annotated[Language, typer.Option("--lang", envvar="SOSIE_LANG", help="Language of messages and report.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on the standard output, nothing else.")]
Jobs = Annotated[int, typer.Option("--jobs", min=0, metavar="N", help="Threads or processes; 0 for one a core.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="For tests only: the evidence will say so.")]
Patients = Annotated[int | None, typer.Option("--patients", min=1, metavar="N", help="Number of doubles.")]
