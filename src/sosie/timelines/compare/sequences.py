"""What happens, together and after one another: prevalence, co-occurrence, what follows, and the gaps between days."""

from __future__ import annotations

from typing import Any

import numpy as np

from sosie.cohort import Floats, Rows
from sosie.timelines.compare.figures import determination, distance
from sosie.timelines.compare.sides import Both, Side, named

SHOWN = 60
EDGES = (1.0, 2.0, 4.0, 8.0, 15.0, 31.0, 61.0, 92.0, 183.0, 366.0, 731.0, 1462.0)
"""Days at which classes of gaps end."""


def happened(both: Both) -> dict[str, Any]:
    """Compare how many have each code, and each pair, and how often one follows another on the next day of care."""
    size = len(both.codes)
    mine, theirs = (side.counts(size) > 0 for side in both.pair)
    shares = [held.sum(axis=0) / max(len(held), 1) for held in (mine, theirs)]
    upper = np.triu_indices(size, 1)
    pairs = [(held.astype(np.float32).T @ held.astype(np.float32))[upper].astype(np.float64) for held in (mine, theirs)]
    enough = pairs[0] >= both.k
    rates = [pair / max(side.n, 1) for pair, side in zip(pairs, both.pair, strict=True)]
    follows = [_followed(side, size) for side in both.pair]
    often = follows[0][1] >= both.k
    return {
        "prevalence": {
            "r2": determination(*shares),
            "codes": [
                {
                    "code": named(code),
                    "group": code.group.value,
                    "original": round(float(shares[0][at]), 4),
                    "doubles": round(float(shares[1][at]), 4),
                }
                for at, code in enumerate(both.codes[:SHOWN])
            ],
        },
        "cooccurrence": {"r2": determination(rates[0][enough], rates[1][enough]), "pairs": int(enough.sum())},
        "bigrams": {"r2": determination(follows[0][0][often], follows[1][0][often]), "pairs": int(often.sum())},
    }


def paced(both: Both) -> dict[str, Any]:
    """Compare how many events and days of care there are, and the days between them."""
    days = [_days(side) for side in both.pair]
    gaps = [np.diff(day)[patient[1:] == patient[:-1]] for patient, day in days]
    counts = [np.bincount(side.patient, minlength=side.n).astype(np.float64) for side in both.pair]
    visited = [
        np.bincount(patient, minlength=side.n).astype(np.float64)
        for side, (patient, _) in zip(both.pair, days, strict=True)
    ]
    enough = len(np.unique(days[0][0])) >= both.k
    shares = _classes(days[0][0], gaps, both.k) if enough else None
    return {
        "gaps": {"ks": distance(*gaps), "histogram": shares},
        "events_ks": distance(*counts),
        "days_ks": distance(*visited),
        "followed_ks": distance(*(side.followed for side in both.pair)),
    }


def _days(side: Side) -> tuple[Rows, Floats]:
    """Return the days on which something happened, by patient and day."""
    known = ~np.isnan(side.time)
    patient, day = side.patient[known], np.floor(side.time[known])
    order = np.lexsort((day, patient))
    patient, day = patient[order], day[order]
    new = np.ones(len(patient), dtype=bool)
    new[1:] = (patient[1:] != patient[:-1]) | (day[1:] != day[:-1])
    return patient[new], day[new]


def visits(side: Side, size: int) -> tuple[Rows, Floats, Floats]:
    """Return the patient, the day and the codes of every day on which something happened, by patient and day."""
    known = ~np.isnan(side.time) & (side.code >= 0)
    patient, day, code = side.patient[known], np.floor(side.time[known]), side.code[known]
    order = np.lexsort((day, patient))
    patient, day, code = patient[order], day[order], code[order]
    new = np.ones(len(patient), dtype=bool)
    new[1:] = (patient[1:] != patient[:-1]) | (day[1:] != day[:-1])
    number = np.cumsum(new) - 1
    held = np.zeros((int(new.sum()), size), dtype=np.float32)
    held[number, code] = 1.0
    return patient[new], day[new], held  # type: ignore[return-value]


def _followed(side: Side, size: int) -> tuple[Floats, Floats]:
    """Return how often each code is followed by each on the next day, by day; and by how many patients at most."""
    patient, _, held = visits(side, size)
    if len(patient) < 2:
        return np.zeros((size, size)), np.zeros((size, size))
    same = patient[1:] == patient[:-1]
    before, after = held[:-1][same], held[1:][same]
    counts = (before.T @ after).astype(np.float64)
    return counts / max(int(same.sum()), 1), counts


def _classes(patient: Rows, gaps: list[Floats], k: int) -> dict[str, Any]:
    """Return the shares of gaps in classes; a class of fewer than k patients is one with the class after it."""
    who = patient[1:][patient[1:] == patient[:-1]]
    edges: list[float] = []
    low = 0.0
    for high in (*EDGES, np.inf):
        if len(np.unique(who[(gaps[0] > low) & (gaps[0] <= high)])) >= k:
            edges.append(float(high))
            low = float(high)
    if not edges:
        return {"edges": [], "original": [], "doubles": []}
    edges[-1] = np.inf
    classes = [np.searchsorted(edges, each, side="left") for each in gaps]
    shares = [np.bincount(each, minlength=len(edges)) / max(len(each), 1) for each in classes]
    return {
        "edges": [edge if np.isfinite(edge) else None for edge in edges],
        "original": [round(float(share), 4) for share in shares[0]],
        "doubles": [round(float(share), 4) for share in shares[1]],
    }
