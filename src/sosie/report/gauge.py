"""One line of the table of criteria as a picture: the estimate, its upper bound and the threshold on one scale."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

from sosie.evidence import Criterion, CriterionId, Status

WIDTH, HEIGHT = 220, 34
_LEFT, _RIGHT, _MIDDLE = 6, 214, 14
_INK = {Status.PASSED: "#1d6b58", Status.FAILED: "#a3312a", Status.NOT_DEMONSTRATED: "#8a5a00"}
_AUC = (
    CriterionId.MEMBERSHIP_AUC,
    CriterionId.MEMBERSHIP_ISOLATED_AUC,
    CriterionId.SHADOW_ISOLATED_AUC,
    CriterionId.SHADOW_RANDOM_AUC,
    CriterionId.REFERENCE_AUC,
    CriterionId.REFERENCE_ISOLATED_AUC,
)
_RATES = (CriterionId.MEMBERSHIP_TPR, CriterionId.REFERENCE_TPR)


def is_auc(criterion: CriterionId) -> bool:
    """Tell the criteria whose chance level is one half."""
    return criterion in _AUC


def unit(criterion: CriterionId) -> str:
    """Name what a criterion's figure counts: ``auc``, ``rate``, ``excess``, ``epsilon`` or ``other``."""
    if is_auc(criterion):
        return "auc"
    if criterion in _RATES:
        return "rate"
    return {CriterionId.TYPICALITY: "other", CriterionId.EMPIRICAL_EPSILON: "epsilon"}.get(criterion, "excess")


def draw(criterion: Criterion, title: str, low: str, high: str) -> str:
    """Draw the gauge as SVG.

    Parameters
    ----------
    criterion : Criterion
    title : str
        What the picture shows, for those who do not see it.
    low, high : str
        Labels of the start of the scale and of the threshold.
    """
    start, end = scale(criterion)

    def place(value: float) -> float:
        share = (min(max(value, start), end) - start) / (end - start)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)

    value, threshold = place(criterion.value), place(criterion.threshold)
    bound = place(criterion.value if criterion.upper_95 is None else criterion.upper_95)
    ink = _INK[criterion.status]
    anchor = "end" if threshold > WIDTH - 30 else "middle"
    return (
        f'<svg class="gauge" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
        f"<title>{escape(title)}</title>"
        + _bar(_LEFT, threshold, 10, "#e8edf1")
        + _bar(threshold, _RIGHT, 10, "#f5dcd6")
        + _bar(value, bound, 4, ink)
        + _bar(bound - 0.8, bound + 0.8, 10, ink)
        + f'<circle cx="{value}" cy="{_MIDDLE}" r="4.5" fill="{ink}"/>'
        + _bar(threshold - 1, threshold + 1, 16, "#22313f")
        + f'<text x="{_LEFT}" y="{HEIGHT - 1}" font-size="9" fill="#51606d">{escape(low)}</text>'
        + f'<text x="{threshold}" y="{HEIGHT - 1}" font-size="9" text-anchor="{anchor}">{escape(high)}</text>'
        "</svg>"
    )


def scale(criterion: Criterion) -> tuple[float, float]:
    """Return where the scale starts and ends: at chance for an AUC, else at zero; past the bound and the threshold."""
    given = (criterion.value, criterion.threshold, criterion.upper_95)
    known = [value for value in given if value is not None and math.isfinite(value)]
    start = 0.5 if is_auc(criterion.id) else min(0.0, criterion.threshold)
    reach = max(abs(criterion.threshold - start), 1e-9)
    return start, max(start + 1.6 * reach, start + 1.08 * (max(known) - start))


def _bar(start: float, end: float, thick: float, fill: str) -> str:
    width, top = max(end - start, 0.0), _MIDDLE - thick / 2
    return f'<rect x="{start:.1f}" y="{top:.1f}" width="{width:.1f}" height="{thick:g}" fill="{fill}"/>'
