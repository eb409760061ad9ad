"""A generated French hospital table with an identifier of every kind; nobody's data."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from sosie.tables.frame import ColumnFormat, FileFormat, Table, TablesPart

FIRST = ["Marie", "Jean", "Zoé", "Paul", "Aïcha", "Louise", "Hugo", "Inès", "Léa", "Omar"]
LAST = ["DUPONT", "MARTIN", "LE GALL", "N'GUYEN", "BERNARD", "ROUX", "PETIT", "DURAND", "MOREL", "SIMON"]
TOWNS = ["LYON", "NANTES", "RENNES", "Plouha", "BREST", "PARIS", "Ajaccio", "LILLE", "Sète", "DIJON"]
JOBS = ["infirmier", "boulanger", "notaire", "retraité", "sans emploi"]
CODES = ["I10", "E11.9", "F32.1", "C50.9", "J44.0", "Z51.1"]


def nir(rng: np.random.Generator, department: str) -> str:
    head = f"{rng.integers(1, 3)}{rng.integers(30, 99)}{rng.integers(1, 13):02d}"
    tail = f"{rng.integers(1, 990):03d}{rng.integers(1, 999):03d}"
    number = int(head + {"2A": "19", "2B": "18"}.get(department, department) + tail)
    return f"{head}{department}{tail}{97 - number % 97:02d}"


def part_of(*frames: pl.DataFrame, key: str | None = None) -> TablesPart:
    tables = tuple(
        Table(f"t{i}", frame, tuple(map(ColumnFormat, frame.columns)), FileFormat(f"t{i}.csv", "csv"), key)
        for i, frame in enumerate(frames)
    )
    keys = tuple(map(str, frames[0][key])) if key else tuple(map(str, range(frames[0].height)))
    return TablesPart(keys, tables, tuple(np.ones(frame.height, dtype=bool) for frame in frames))


@pytest.fixture
def hospital() -> pl.DataFrame:
    rng = np.random.default_rng(7)
    n = 300
    phones = ["06 12 34 5{} {:02d}", "+33 6 12 34 5{} {:02d}", "04.72.11.5{}.{:02d}"]
    entry = [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 900, n)]
    return pl.DataFrame(
        {
            "IPP": [f"8{i:09d}" for i in rng.permutation(10**6)[:n]],
            "NomUsage": [f"{rng.choice(LAST)}-{rng.choice(LAST)}{'AEIOUY'[i % 6]}" for i in range(n)],
            "prénom": rng.choice(FIRST, n),
            "NIR": [nir(rng, ["75", "13", "2A", "2B", "69"][i % 5]) for i in range(n)],
            "DDN": [date(1930, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 30_000, n)],
            "sexe": rng.choice(["H", "F"], n),
            "tel_portable": [phones[i % 3].format(rng.integers(10), rng.integers(100)) for i in range(n)],
            "courriel": [f"patient.{i}@hopital-{i % 3}.fr" for i in range(n)],
            "adr_rue": [f"{i} rue des Lilas" for i in range(n)],
            "CP": [f"{d:02d}{c:03d}" for d, c in zip(rng.integers(1, 96, n), rng.integers(0, 999, n), strict=True)],
            "ville": rng.choice(TOWNS, n),
            "profession": rng.choice(JOBS, n),
            "diag_principal": rng.choice(CODES, n),
            "dt_entree": [datetime(d.year, d.month, d.day, 9, 30) for d in entry],
            "dt_sortie": [
                datetime(d.year, d.month, d.day, 17, 5) + timedelta(days=int(s))
                for d, s in zip(entry, rng.integers(0, 40, n), strict=True)
            ],
            "age": rng.integers(18, 99, n),
            "medecin_traitant": rng.choice(["Dr Kermadec", "Dr Avril", "Dr Roux", "Dr Blanc", "Dr Noir", "Dr X"], n),
            "observations": [f"Le patient {i} va mieux depuis sa sortie du service" for i in range(n)],
            "creatinine": rng.normal(80, 12, n).round(1),
            "leucocytes": rng.integers(2000, 15000, n),
            "stade": rng.integers(1, 5, n),
            "centre": ["CHU"] * n,
        }
    )
