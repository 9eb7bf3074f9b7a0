"""The minimum of chi2 within bounds: damped Newton steps with the exact Hessian.

Parameters that would leave their range are held at its edge.
"""

from __future__ import annotations

import numpy as np

from bayesnu.inference import block
from bayesnu.inference.block import FLAT, MAX_STEPS, ROUNDING, TOLERANCE
from bayesnu.inference.compiled.counts import (
    derivative_of_product,
    evaluate_counts,
    length_of_product,
    owner,
    project,
    pull,
)
from bayesnu.inference.compiled.matrices import diagonalise, solve
from bayesnu.inference.compiled.memory import (
    BIN_CURVE,
    BIN_SLOPE,
    EXPECTED,
    FACTOR,
    FREE,
    GRADIENT,
    HESSIAN,
    INDEX,
    INTO,
    JACOBIAN,
    LOG,
    MATRIX,
    NEW_GRADIENT,
    NEW_HESSIAN,
    POINT,
    REACH,
    RIGHT,
    SLOPE,
    SOLUTION,
    STEP,
    UNIT,
    VALUE,
    VECTORS,
    Words,
    X,
    floats,
    integer_table,
    integers,
    size_of,
    table,
    terms_of,
)
from bayesnu.inference.compiled.sums import add_multiple, compiled, copy, dot_of_three, fill
from bayesnu.likelihood.likelihood import COUNTS_FLOOR
from bayesnu.types import Array


@compiled  # type: ignore[untyped-decorator]
def derivatives(words: Words, room: Words, gradient: Array, hessian: Array) -> float:
    """Return chi2 at the room's x; fill its gradient and its exact Hessian.

    That is J^T diag(d2 chi2 / d lambda^2) J, plus d chi2 / d lambda times the second derivatives
    of the counts (it decides near zero of a parameter that enters squared), plus 2 / sigma^2.
    """
    size = size_of(words)
    x, centre, weight = floats(room, X), floats(words, block.CENTRE), floats(words, block.WEIGHT)
    log_normal = integers(words, block.LOG_NORMAL)
    evaluate_counts(words, room)
    chi2 = slopes_of_bins(words, room)
    for i in range(size):
        fill(0.0, hessian[i])
        added, gradient[i], hessian[i, i] = pull(x[i], centre[i], weight[i], log_normal[i])
        chi2 += added
    project(words, room)
    add_terms(words, room, gradient, hessian)
    curve, rows = floats(room, BIN_CURVE), table(room, JACOBIAN, size)
    reach = integer_table(room, REACH, size)
    for i in range(size):
        for j in range(i + 1):
            first, last = max(reach[i, 0], reach[j, 0]), min(reach[i, 1], reach[j, 1])
            if last > first:
                both = dot_of_three(curve[first:last], rows[i, first:last], rows[j, first:last])
                hessian[i, j] += both
                if i != j:
                    hessian[j, i] += both
    return chi2


@compiled  # type: ignore[untyped-decorator]
def slopes_of_bins(words: Words, room: Words) -> float:
    """Return chi2 of the bins; write its first and second derivatives by their counts."""
    observed, sigma = floats(words, block.OBSERVED), floats(words, block.SIGMA)
    expected, logs = floats(room, EXPECTED), floats(room, LOG)
    slope, curve = floats(room, BIN_SLOPE), floats(room, BIN_CURVE)
    chi2 = 0.0
    for b in range(len(expected)):
        n, counts = observed[b], expected[b]
        if sigma[b] > 0.0:
            off = (counts - n) / sigma[b]
            chi2 += off * off
            slope[b] = 2.0 * off / sigma[b]
            curve[b] = 2.0 / sigma[b] ** 2
        else:
            share = n / counts
            chi2 += 2.0 * (counts - n)
            if n > 0.0:
                chi2 += 2.0 * n * (np.log(n) - logs[b])
            slope[b] = 2.0 * (1.0 - share)
            curve[b] = 2.0 * share / counts
        if counts <= COUNTS_FLOOR:
            slope[b] = curve[b] = 0.0
    return chi2


@compiled  # type: ignore[untyped-decorator]
def add_terms(words: Words, room: Words, gradient: Array, hessian: Array) -> None:
    """Add the terms' part of the gradient, the second derivatives of the counts, and write J."""
    size, terms = size_of(words), terms_of(words)
    factors = integer_table(words, block.FACTORS, terms)
    spans = integer_table(words, block.SPANS, terms)
    templates = table(words, block.TEMPLATES, terms)
    value, slope, into = floats(room, VALUE), floats(room, SLOPE), floats(room, INTO)
    rows, reach = table(room, JACOBIAN, size), integer_table(room, REACH, size)
    for i in range(size):
        fill(0.0, rows[i])
        reach[i, 0], reach[i, 1] = templates.shape[1], 0
    for t in range(terms):
        first, last = spans[t, 0], spans[t, 1]
        own = factors[t, : length_of_product(factors[t], size)]
        for k in range(len(own)):
            i = owner(own[k], size)
            if i < size:
                change = derivative_of_product(value, slope, own, k)
                gradient[i] += into[t] * change
                add_multiple(change, templates[t, first:last], rows[i, first:last])
                reach[i, 0], reach[i, 1] = min(reach[i, 0], first), max(reach[i, 1], last)
                add_second_derivatives(into[t], value, slope, own, k, hessian[i])


@compiled  # type: ignore[untyped-decorator]
def curve_of(factor: int, value: Array, slope: Array, size: int) -> float:
    """Return the second derivative of a cosine, a sine or a bend."""
    if factor <= 3 * size:
        return -value[factor]
    return 2.0 if abs(slope[factor]) < 2.0 else 0.0


@compiled  # type: ignore[untyped-decorator]
def add_second_derivatives(
    into: float, value: Array, slope: Array, factors: Words, place: int, row: Array
) -> None:
    """Add a multiple of a product's second derivatives, one of them by the factor at a place."""
    size, order = len(row), len(factors)
    if factors[place] > size:
        product = into * curve_of(factors[place], value, slope, size)
        for other in range(order):
            if other != place:
                product *= value[factors[other]]
        row[owner(factors[place], size)] += product
    for m in range(order):
        j = owner(factors[m], size)
        if m != place and j < size:
            product = into * slope[factors[place]] * slope[factors[m]]
            for other in range(order):
                if other not in (place, m):
                    product *= value[factors[other]]
            row[j] += product


@compiled  # type: ignore[untyped-decorator]
def bounded_step(words: Words, room: Words, damping: float) -> float:
    """Write the step of the free parameters within bounds; return the decrease it promises.

    A step beyond a bound stops there; the others then solve again without it.
    """
    size, low, high = size_of(words), floats(words, block.LOW), floats(words, block.HIGH)
    x, step, unit = floats(room, POINT), floats(room, STEP), floats(room, UNIT)
    gradient, hessian = floats(room, GRADIENT), table(room, HESSIAN, size)
    index, free, solution = integers(room, INDEX), integers(room, FREE), floats(room, SOLUTION)
    fill(0.0, step)
    for i in range(size):
        unit[i] = 1.0 / np.sqrt(abs(hessian[i, i])) if hessian[i, i] != 0.0 else 1.0
    for _ in range(size):
        count = 0
        for i in range(size):
            if free[i]:
                index[count] = i
                count += 1
        if count == 0:
            break
        solve_for_step(room, size, count, damping)
        beyond = False
        for a in range(count):
            i = index[a]
            step[i] = unit[i] * solution[a]
            if x[i] + step[i] < low[i] or x[i] + step[i] > high[i]:
                step[i] = min(max(x[i] + step[i], low[i]), high[i]) - x[i]
                free[i] = 0
                beyond = True
        if not beyond:
            break
    decrease = 0.0
    for i in range(size):
        decrease -= gradient[i] * step[i]
        for j in range(size):
            decrease -= 0.5 * step[i] * hessian[i, j] * step[j]
    return decrease


@compiled  # type: ignore[untyped-decorator]
def solve_for_step(room: Words, size: int, count: int, damping: float) -> None:
    """Solve for the step, in its units, of the free parameters; `count` of them are in `INDEX`."""
    unit, step, gradient = floats(room, UNIT), floats(room, STEP), floats(room, GRADIENT)
    right, solution = floats(room, RIGHT), floats(room, SOLUTION)
    index, free, hessian = integers(room, INDEX), integers(room, FREE), table(room, HESSIAN, size)
    matrix, factor = table(room, MATRIX, size), table(room, FACTOR, size)
    for a in range(count):
        i = index[a]
        value = gradient[i]
        for j in range(size):
            if not free[j]:
                value += hessian[i, j] * step[j]
        right[a] = solution[a] = -unit[i] * value
        for b in range(count):
            matrix[a, b] = hessian[i, index[b]] * unit[i] * unit[index[b]]
        matrix[a, a] += damping + 1e-12
        copy(matrix[a], factor[a])
    if solve(factor, solution, count):
        return
    # Not convex here: step down along directions of negative curvature as well.
    vectors = table(room, VECTORS, size)
    diagonalise(matrix, vectors, count)
    fill(0.0, solution)
    for a in range(count):
        along = 0.0
        for b in range(count):
            along += vectors[b, a] * right[b]
        along /= max(abs(matrix[a, a]), 1e-6)
        for b in range(count):
            solution[b] += vectors[b, a] * along


@compiled  # type: ignore[untyped-decorator]
def mark_free(words: Words, room: Words, held: Words) -> bool:
    """Mark the parameters that are not held, nor pushed against a bound; say if there are any."""
    low, high = floats(words, block.LOW), floats(words, block.HIGH)
    x, gradient, free = floats(room, POINT), floats(room, GRADIENT), integers(room, FREE)
    some = False
    for i in range(len(x)):
        stuck = (x[i] <= low[i] and gradient[i] > 0) or (x[i] >= high[i] and gradient[i] < 0)
        free[i] = 0 if held[i] or stuck else 1
        some = some or free[i] == 1
    return some


@compiled  # type: ignore[untyped-decorator]
def minimise(words: Words, room: Words, held: Words) -> tuple[float, bool]:
    """Move the room's point to the minimum; return its chi2 and whether the fit converged."""
    size, low, high = size_of(words), floats(words, block.LOW), floats(words, block.HIGH)
    x, trial, step = floats(room, POINT), floats(room, X), floats(room, STEP)
    gradient, hessian = floats(room, GRADIENT), table(room, HESSIAN, size)
    new_gradient, new_hessian = floats(room, NEW_GRADIENT), table(room, NEW_HESSIAN, size)
    for i in range(size):
        if not held[i]:
            x[i] = min(max(x[i], low[i]), high[i])
    copy(x, trial)
    chi2 = derivatives(words, room, gradient, hessian)
    damping, halfway = 0.0, np.inf
    for number in range(MAX_STEPS):
        if number == MAX_STEPS // 2:
            halfway = chi2
        if not mark_free(words, room, held):
            return chi2, True
        decrease = bounded_step(words, room, damping)
        if decrease < -TOLERANCE:
            # Cut off at bounds, a step may lead upwards: a shorter one does not.
            damping = max(10.0 * damping, 1e-3)
            continue
        if decrease < TOLERANCE and damping <= 1e-3:
            return chi2, True
        for i in range(size):
            trial[i] = x[i] + step[i]
        new = derivatives(words, room, new_gradient, new_hessian)
        if new < chi2:
            chi2 = new
            copy(trial, x)
            copy(new_gradient, gradient)
            for i in range(size):
                copy(new_hessian[i], hessian[i])
            damping = 0.0 if damping < 1e-2 else damping * 0.1
        elif decrease < ROUNDING * max(1.0, abs(chi2)):
            return chi2, True
        else:
            damping = max(10.0 * damping, 1e-3)
    return chi2, halfway - chi2 < FLAT
