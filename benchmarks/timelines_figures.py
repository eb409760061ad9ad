"""What timelines keep of others: shares, pairs, sequences, values, survival, prediction, and what they give away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse
from scipy.stats import ks_2samp

from sosie.cohort import Floats
from sosie.timelines.encode.span import number, spans
from sosie.timelines.events import Code, Group, TimelinesPart

YEARS = 5 * 365.25
EVENTS = ("diabetes", "htn", "heart failure")


class Days(NamedTuple):
    """Event days of a part: owner of each, and which codes it holds (sparse, days x codes)."""

    owner: np.ndarray
    day: np.ndarray
    codes: sparse.csr_matrix


def days(part: TimelinesPart, codes: Sequence[Code]) -> Days:
    """Return the event days, by codes of some list."""
    at = {code: place for place, code in enumerate(codes)}
    place = np.array([at.get(code, -1) for code in part.codes] or [-1])[part.events.code]
    known = (place >= 0) & ~np.isnan(part.events.time)
    patient, day = part.events.patient[known].astype(np.int64), np.floor(part.events.time[known]).astype(np.int64)
    low = int(day.min(initial=0))
    width = int(day.max(initial=0)) - low + 1
    names, row = np.unique(patient * width + day - low, return_inverse=True)
    cells = sparse.csr_matrix((np.ones(len(row)), (row, place[known])), shape=(len(names), len(codes)))
    cells.data[:] = 1.0
    return Days(names // width, names % width + low, cells)


def ever(part: TimelinesPart, codes: Sequence[Code]) -> Floats:
    """Tell who ever had each code, shape (patients, codes)."""
    at = {code: place for place, code in enumerate(codes)}
    place = np.array([at.get(code, -1) for code in part.codes] or [-1])[part.events.code]
    had = np.zeros((len(part.keys), len(codes)))
    had[part.events.patient[place >= 0], place[place >= 0]] = 1.0
    return had


def r2(real: Floats, made: Floats) -> float:
    """Return 1 - squared differences over the variance of the real ones."""
    return float(1 - ((real - made) ** 2).sum() / max(((real - real.mean()) ** 2).sum(), 1e-300))


def shares(part: TimelinesPart, codes: Sequence[Code]) -> tuple[Floats, Floats, Floats]:
    """Return the shares of codes, of pairs in one patient, and of pairs on one event day and the next."""
    had = ever(part, codes)
    both = (had.T @ had)[np.triu_indices(len(codes), 1)] / len(had)
    found = days(part, codes)
    follows = np.flatnonzero(found.owner[1:] == found.owner[:-1])
    pairs = np.asarray((found.codes[follows].T @ found.codes[follows + 1]).todense()).ravel()
    return had.mean(axis=0), both, pairs / max(pairs.sum(), 1.0)


def lab_ks(real: TimelinesPart, made: TimelinesPart, fewest: int = 50) -> dict[str, float]:
    """Return the Kolmogorov-Smirnov distance of each measurement."""
    found: dict[str, float] = {}
    at = {code: place for place, code in enumerate(made.codes)}
    for place, code in enumerate(real.codes):
        one = real.events.value[real.events.code == place]
        one = one[~np.isnan(one)]
        if len(one) < fewest or code.group is Group.DEATH:
            continue
        two = made.events.value[made.events.code == at.get(code, -1)]
        two = two[~np.isnan(two)]
        found[code.code] = float(ks_2samp(one, two).statistic) if len(two) else 1.0
    return found


def landmark(part: TimelinesPart, codes: Sequence[Code]) -> pl.DataFrame:
    """Return what is known of each patient at the origin: static columns, codes had, last values."""
    seen = spans(part)
    columns: dict[str, Floats] = {
        "age": (seen.origin - number(part, "birth")) / 365.25,
        "male": (part.people["sex"] == "M").fill_null(False).cast(pl.Float64).to_numpy(),
    }
    for name in part.people.columns:
        if part.people[name].dtype.is_numeric() and name not in ("birth", "start", "stop"):
            columns[name] = number(part, name)
    at = {code: place for place, code in enumerate(part.codes)}
    past = part.events.time <= seen.origin[part.events.patient]
    for code in codes:
        mine = past & (part.events.code == at.get(code, -1))
        patient, value = part.events.patient[mine], part.events.value[mine]
        if code.group is Group.MEASUREMENT:
            last = np.full(len(part.keys), np.nan)
            last[patient] = value
            columns[f"last {code.code}"] = last
        else:
            columns[code.code] = (np.bincount(patient, minlength=len(part.keys)) > 0) * 1.0
    return pl.DataFrame(columns).with_columns(duration=pl.Series(seen.followed), event=pl.Series(seen.dead))


class Hazard(NamedTuple):
    """Logarithm of a hazard ratio and its standard error."""

    value: float
    error: float


def hazards(part: TimelinesPart, codes: Sequence[Code]) -> dict[str, Hazard]:
    """Return hazard ratios of age, sex, body mass index and events before the origin (Cox)."""
    frame = landmark(part, codes)
    names = [name for name in ("age", "male", "bmi", "last bili", "last albumin", *EVENTS) if name in frame.columns]
    some = frame.select(*names, "duration", "event").fill_nan(None).drop_nulls().filter(pl.col("duration") > 0)
    if "last bili" in names:
        some = some.with_columns(pl.col("last bili").log())
    names = [name for name in names if some[name].n_unique() > 1]
    design = some.select(names).to_numpy()
    spread = design.std(axis=0)
    values, errors = cox((design - design.mean(axis=0)) / spread, some["duration"].to_numpy(), some["event"].to_numpy())
    return {name: Hazard(*pair) for name, *pair in zip(names, values / spread, errors / spread, strict=True)}


def cox(design: Floats, duration: Floats, event: Floats) -> tuple[Floats, Floats]:
    """Return coefficients and standard errors of proportional hazards (Breslow's partial likelihood)."""
    order = np.argsort(-duration, kind="stable")
    x, died = design[order], event[order] > 0
    last = np.searchsorted(-duration[order], -duration[order], "right") - 1
    weights = np.zeros(x.shape[1])
    for _ in range(60):
        risk = np.exp(np.clip(x @ weights, -30, 30))
        total = np.cumsum(risk)[last][died]
        mean = np.cumsum(risk[:, None] * x, axis=0)[last][died] / total[:, None]
        square = (
            np.cumsum(risk[:, None, None] * x[:, :, None] * x[:, None, :], axis=0)[last][died] / total[:, None, None]
        )
        bend = (square - mean[:, :, None] * mean[:, None, :]).sum(axis=0)
        step = np.linalg.solve(bend, (x[died] - mean).sum(axis=0))
        weights = weights + np.clip(step, -0.5, 0.5)
        if np.abs(step).max() < 1e-8:
            break
    return weights, np.sqrt(np.diag(np.linalg.inv(bend)))


def agreement(real: Hazard, made: Hazard) -> tuple[bool, float]:
    """Tell whether the real estimate is in the other's 95 % interval, and the mean overlap of both intervals."""
    low, high = real.value - 1.96 * real.error, real.value + 1.96 * real.error
    lower, higher = made.value - 1.96 * made.error, made.value + 1.96 * made.error
    both = max(min(high, higher) - max(low, lower), 0.0)
    return lower <= real.value <= higher, 0.5 * (both / (high - low) + both / (higher - lower))


def death_auc(train: TimelinesPart, test: TimelinesPart, codes: Sequence[Code], seed: int = 0) -> float:
    """Predict death within five years on one part, test on another: mean AUC of two learners."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    sets = []
    for part in (train, test):
        frame = landmark(part, codes).fill_nan(None)
        sure = frame.filter(((pl.col("event") == 1) & (pl.col("duration") <= YEARS)) | (pl.col("duration") > YEARS))
        label = ((sure["event"] == 1) & (sure["duration"] <= YEARS)).to_numpy()
        sets.append((sure.drop("duration", "event").cast(pl.Float64).to_numpy(), label))
    (x, y), (new, truth) = sets
    if y.sum() < 5 or (~y).sum() < 5:
        return float("nan")
    empty = np.isnan(x).all(axis=0)
    x, new = x[:, ~empty], new[:, ~empty]
    learners = (
        make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.1, max_iter=500)),
        HistGradientBoostingClassifier(max_iter=80, learning_rate=0.05, min_samples_leaf=30, random_state=seed),
    )
    return float(np.mean([roc_auc_score(truth, each.fit(x, y).predict_proba(new)[:, 1]) for each in learners]))


def two_gaps(part: TimelinesPart) -> Floats:
    """Return the first two gaps between event days of each patient, in one number; NaN with fewer than three days."""
    at = np.array([code.group is not Group.DEATH for code in part.codes])
    keep = at[part.events.code] & ~np.isnan(part.events.time)
    patient, day = part.events.patient[keep].astype(np.int64), np.floor(part.events.time[keep])
    new = np.concatenate([[True], (patient[1:] != patient[:-1]) | (day[1:] != day[:-1])])[: len(day)]
    patient, day = patient[new], day[new]
    first = np.searchsorted(patient, np.arange(len(part.keys)))
    enough = np.searchsorted(patient, np.arange(len(part.keys)), "right") - first >= 3
    gaps = np.full(len(part.keys), np.nan)
    at_first = first[enough]
    gaps[enough] = (day[at_first + 1] - day[at_first]) * 100_000 + day[at_first + 2] - day[at_first + 1]
    return gaps


def singled_out(source: TimelinesPart, doubles: TimelinesPart) -> float:
    """Return the share of patients, alone in their two gaps, whose two gaps exactly one double has."""
    mine, theirs = two_gaps(source), two_gaps(doubles)
    names, counts = np.unique(mine[~np.isnan(mine)], return_counts=True)
    alone = names[counts == 1]
    shown, times = np.unique(theirs[~np.isnan(theirs)], return_counts=True)
    return float(np.isin(alone, shown[times == 1]).mean()) if len(alone) else float("nan")


@dataclass(frozen=True)
class Membership:
    """Reference-calibrated: worst statistic's AUC, and its share found at 1 % false positives."""

    auc: float
    tpr: float


def membership(
    train: TimelinesPart, holdout: TimelinesPart, doubles: TimelinesPart, seed: int, most: int = 1_500
) -> Membership | None:
    """Attack with a reference: half of the holdout is the reference, the other half are the non-members."""
    try:
        from sosie.timelines.observe import view
    except ImportError:
        return None
    from sosie.attack.reference import calibrated_membership
    from sosie.cohort import Vectors
    from sosie.manifest import Manifest

    rng = np.random.default_rng(seed)
    look = view(train, Manifest())
    order = rng.permutation(len(holdout.keys))
    half = len(order) // 2
    outside, reference = holdout.take(order[:half][:most]), holdout.take(order[half:])
    members = train.take(rng.permutation(len(train.keys))[: len(outside.keys)])
    seen = [look(part) for part in (members, outside, reference, doubles)]
    usable = np.vstack([each.values for each in seen[:3]])
    kept = np.nanstd(usable, axis=0) > 0
    parts = [
        Vectors(tuple(c for c, keep in zip(each.columns, kept, strict=True) if keep), each.values[:, kept])
        for each in seen
    ]
    scores = calibrated_membership(*parts, rng)
    labels = np.zeros((1, len(members.keys) + len(outside.keys)), dtype=bool)
    labels[0, : len(members.keys)] = True
    figures = {str(name): float(np.max(value)) for name, value in scores.figures(labels).items()}
    return Membership(figures["membership.reference.auc"], figures["membership.reference.tpr_at_1_fpr"])
