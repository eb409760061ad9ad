"""Find the columns that are computed from other numbers: sums and differences, products and powers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from sosie.cohort import Floats, Mask, Rows
from sosie.tables.expression import Expression, Name, Number, Operation
from sosie.tables.rules import Equation
from sosie.tables.screen import Search, unlikely
from sosie.tables.workspace import Workspace

MOST_TERMS = 4
_ROWS = 256
_WIDEST = 48
_WINDOW = 24
_EXACT = 1e-7
_POWERS = (1, -1, 2, -2, 3, -3)


def find_sums(search: Search) -> None:
    """Take the columns that are sums of others with round coefficients, and a constant.

    A column whose residual on the columns before it is no more than its rounding gives a relation (QR). Of the
    columns in it, the one that needs the fewest differences is the result: parts are drawn, totals are computed.
    """
    for columns, mask in _patterns(search):
        rows = _evenly(np.flatnonzero(mask), _ROWS)
        size = min(len(columns), len(rows) // 2, _WIDEST)
        for start in range(0, len(columns), size):
            chunk = columns[start : start + size]
            if _bears(search, chunk, mask):
                fineness = [search.screen.precision(c).half for c in chunk]
                _relations(search, chunk[np.argsort(fineness, kind="stable")], mask, rows)


def find_products(search: Search) -> None:
    """Take the columns that are a constant times powers of one or two others (a body mass index).

    In logarithms, a product is a difference of constant value: its variance comes from one covariance matrix.
    """
    for columns, mask in _patterns(search):
        positive = [c for c in columns if not search.screen.dtype(c).is_temporal() and _positive(search, c, mask)]
        rows = _evenly(np.flatnonzero(mask), _ROWS)
        # Every triple of columns is weighed: a wide table is read through a window that slides over its columns.
        for start in range(0, max(1, len(positive) - _WINDOW // 2), _WINDOW // 2):
            window = np.array(positive[start : start + _WINDOW], dtype=np.int64)
            free = window[search.free[window]]
            if len(free) > 1 and _bears(search, free, mask):
                _powers(search, free, mask, rows)


def roundest(low: float, high: float) -> float | None:
    """Return the number with the fewest decimals in an interval, None if it is empty."""
    if low > high:
        return None
    if low <= 0 <= high:
        return 0.0
    middle = (low + high) / 2
    for decimals in range(-9, 18):
        candidate = round(middle, decimals)
        if low <= candidate <= high:
            return candidate
    return middle


def supported(search: Search, rule: Equation) -> bool:
    """Tell whether the equation would fail on shuffled rows: chance, or a near-constant column, does not make it."""
    table = Workspace(search.screen.frame)
    exact = np.broadcast_to(rule.expression.evaluate(table.numbers), (table.rows,))
    published = table.numbers(rule.image)
    both = np.flatnonzero(~np.isnan(exact) & ~np.isnan(published))
    exact, published = exact[both], published[both]
    slack = rule.precision.slack(exact)
    shifts = {len(both) * part // 7 for part in range(1, 7)}
    rate = np.mean([(np.abs(np.roll(published, shift) - exact) <= slack).mean() for shift in shifts])
    return bool(unlikely(min(float(rate) + 1e-9, 1.0), len(both)))


def _patterns(search: Search) -> Iterator[tuple[Rows, Mask]]:
    """Yield, for each pattern of missing values, the columns present on its rows; one of them has the pattern."""
    screen = search.screen
    able = [c for c in range(len(screen.names)) if screen.measures(c) and np.isfinite(screen.values[c]).any()]
    able = [c for c in able if not np.isinf(screen.values[c]).any()]
    present = {c: screen.codes[c] >= 0 for c in able}
    masks = {mask.tobytes(): mask for mask in present.values()}
    for mask in sorted(masks.values(), key=lambda mask: -int(mask.sum())):
        columns = [c for c in able if search.free[c] and (present[c] | ~mask).all()]
        if mask.sum() > 3 * MOST_TERMS and _bears(search, columns, mask):
            yield np.array(columns, dtype=np.int64), mask


def _bears(search: Search, columns: Iterable[int], mask: Mask) -> bool:
    """Tell whether one of the columns is present on exactly these rows."""
    return any(((search.screen.codes[column] >= 0) == mask).all() for column in columns)


def _relations(search: Search, columns: Rows, mask: Mask, rows: Rows) -> None:
    while len(columns) > 1:
        values = search.screen.values[np.ix_(columns, rows)].T
        values = values - values.mean(axis=0)
        spread = np.sqrt((values**2).mean(axis=0))
        columns, values, spread = columns[spread > 0], values[:, spread > 0], spread[spread > 0]
        r = np.linalg.qr(values / spread, mode="r") / np.sqrt(len(rows))
        half = np.array([search.screen.precision(c).half for c in columns])
        noise = np.where(spread >= 10 * half, np.maximum(_EXACT, half / spread), _EXACT)
        dependent = np.flatnonzero(np.abs(np.diag(r))[1:] <= noise[1 : len(r)]) + 1
        if not len(dependent):
            return
        last = int(dependent[0])
        found = _relation(r, spread, last, len(rows))
        result = None if found is None else _solved(search, columns, found, last, mask)
        columns = columns[columns != (columns[last] if result is None else result)]


def _relation(r: Floats, spread: Floats, last: int, rows: int) -> Floats | None:
    """Return the coefficients of one column on those before it, snapped to round numbers."""
    head = r[:last, :last]
    inverse = np.linalg.inv(head)
    standard = inverse @ r[:last, last]
    error = 5 * np.abs(r[last, last]) * np.sqrt((inverse**2).sum(axis=1) / rows) + 1e-8
    terms = np.abs(standard) > error
    if not 1 <= terms.sum() <= MOST_TERMS:
        return None
    scale = spread[last] / spread[:last]
    found = np.zeros(last)
    for term in np.flatnonzero(terms):
        middle, width = standard[term] * scale[term], error[term] * scale[term]
        found[term] = roundest(middle - width, middle + width) or 0.0
    return found


def _solved(search: Search, columns: Rows, found: Floats, last: int, mask: Mask) -> int | None:
    """Take the relation, solved for the best of its columns; return that column."""
    weights = {int(columns[term]): float(found[term]) for term in np.flatnonzero(found)}
    weights[int(columns[last])] = -1.0
    candidates = []
    for image, own in weights.items():
        # A change of unit may be read both ways; a sum only for a column that enters it once.
        if (abs(own) == 1 or len(weights) == 2) and _bears(search, (image,), mask):
            others = {column: _snapped(-weight / own) for column, weight in weights.items() if column != image}
            candidates.append((sum(weight < 0 for weight in others.values()), -image, others))
    for _, image, others in sorted(candidates, key=lambda candidate: candidate[:2]):
        if _taken(search, -image, others, mask):
            return -image
    return None


def _snapped(weight: float) -> float:
    width = 1e-6 * abs(weight)
    return roundest(weight - width, weight + width) or weight


def _taken(search: Search, image: int, weights: dict[int, float], mask: Mask) -> bool:
    screen = search.screen
    inputs = sorted(weights, key=lambda c: (not screen.dtype(c).is_temporal(), weights[c] < 0, c))
    total = sum((weights[c] * screen.values[c] for c in inputs), np.zeros(screen.rows))[mask]
    published = screen.values[image][mask]
    slack = screen.precision(image).slack(published)
    constant = roundest(float((published - slack - total).max()), float((published + slack - total).min()))
    if constant is None:
        return False
    expression = _sum([(weights[c], Name(screen.names[c])) for c in inputs], constant)
    return _equation(search, image, expression, inputs)


def _sum(terms: list[tuple[float, Expression]], constant: float) -> Expression:
    total: Expression | None = None
    for weight, name in terms:
        size = abs(weight) if total else weight
        term = name if size == 1 else Operation("*", Number(size), name)
        total = term if total is None else Operation("-" if weight < 0 else "+", total, term)
    if total is None:
        return Number(constant)
    if constant:
        total = Operation("-" if constant < 0 else "+", total, Number(abs(constant)))
    return total


def _equation(search: Search, image: int, expression: Expression, inputs: list[int]) -> bool:
    """Take an equation, complete if possible, that neither chance nor a near-constant column explains."""
    name, precision = search.screen.names[image], search.screen.precision(image)
    for complete in (True, False):
        rule = Equation(name, expression, precision, complete)
        if supported(search, rule) and search.take(rule):
            search.bind(image, inputs)
            return True
    return False


@dataclass(frozen=True, order=True)
class _Power:
    """A candidate, simplest first; columns are places in the covariance, the last image goes first."""

    size: int
    divisions: int
    image_from_end: int
    first: int
    p: int
    second: int
    q: int


def _powers(search: Search, columns: Rows, mask: Mask, rows: Rows) -> None:
    screen = search.screen
    half = np.array([screen.precision(c).half for c in columns])
    values = screen.values[np.ix_(columns, rows)]
    noise = np.mean((half[:, None] / values) ** 2, axis=1) / 3
    spread = np.log(values).var(axis=1)
    able = (spread > 50 * noise) & (spread > 1e-12)
    columns, values, noise = columns[able], values[able], noise[able]
    images = np.flatnonzero(((screen.codes[columns] >= 0) == mask).all(axis=1))
    if len(columns) < 2 or not len(images):
        return
    covariance = np.atleast_2d(np.cov(np.log(values)))
    for found in sorted(_candidates(covariance, 4 * noise + 1e-13, images)):
        inputs = (found.first, found.second) if found.q else (found.first,)
        chosen = [int(columns[c]) for c in (len(columns) - found.image_from_end, *inputs)]
        if search.free[chosen].all():
            _power(search, chosen, (found.p, found.q), mask)


def _candidates(covariance: Floats, most: Floats, images: Rows) -> Iterator[_Power]:
    """Yield which logarithm is, up to a constant, p times a second plus q times a third."""
    own = np.diag(covariance)
    image_own, cross = own[images, None, None], covariance[images]
    limit = np.minimum(most, own / 100)[images, None, None]
    for p in _POWERS:
        for q in (0, *_POWERS):
            # Variance of log image - p log first - q log second, shape (image, first, second).
            pair = p * p * own[:, None] + q * q * own + 2 * p * q * covariance
            variance = image_own + pair - 2 * p * cross[:, :, None] - 2 * q * cross[:, None, :]
            for place, first, second in np.argwhere(variance <= limit):
                image = int(images[place])
                if image == first or (q and (image == second or first >= second)) or (not q and (second or p == 1)):
                    continue
                divisions = (p < 0) + (q < 0)
                yield _Power(abs(p) + abs(q), divisions, len(own) - image, int(first), p, int(second), q)


def _power(search: Search, chosen: list[int], powers: tuple[int, int], mask: Mask) -> bool:
    screen = search.screen
    image, inputs = chosen[0], chosen[1:]
    factors = [screen.values[c][mask] ** float(power) for c, power in zip(inputs, powers, strict=False)]
    product = np.prod(factors, axis=0)
    published = screen.values[image][mask]
    slack = screen.precision(image).slack(published)
    factor = roundest(float(((published - slack) / product).max()), float(((published + slack) / product).min()))
    if not factor:
        return False
    signed = sorted(zip(inputs, powers, strict=False), key=lambda pair: pair[1] < 0)
    expression: Expression = Number(factor)
    for column, power in signed:
        base = Name(screen.names[column])
        raised = base if abs(power) == 1 else Operation("**", base, Number(float(abs(power))))
        if power > 0 and expression == Number(1.0):
            expression = raised
        else:
            expression = Operation("*" if power > 0 else "/", expression, raised)
    return _equation(search, image, expression, inputs)


def _positive(search: Search, column: int, mask: Mask) -> bool:
    return len(search.screen.counts[column]) > 12 and bool((search.screen.values[column][mask] > 0).all())


def _evenly(rows: Rows, most: int) -> Rows:
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
