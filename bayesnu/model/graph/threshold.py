"""Moments above thresholds that are variables, and lines whose ends they move.

The derivative of a moment by its threshold is minus the flux there, times E^-n. A line is all or
nothing at each recoil energy, so that counts would jump whenever its end passes a node of the
recoil grid. Its counts are therefore integrated between its ends, and their derivative is the
integrand there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from scipy.interpolate import CubicHermiteSpline

from bayesnu.errors import InputError
from bayesnu.experiments.detector import NODES_PER_CELL, RecoilGrid
from bayesnu.experiments.response import Factors, Response
from bayesnu.model.rate import moments_of
from bayesnu.physics.source import Basis, Source
from bayesnu.types import Array

APART = 1e-9
"""Thresholds so far, relative, below and above a line tell what it adds."""

LOWEST, POINTS = 1e-3, 4000
"""Of a table of moments: its first energy, MeV, below which they do not change, and its length."""

STEP = 1e-6
"""Of a mass, relative: ends of lines are smooth in it, and differentiated numerically."""


class WithDensity(Source, Protocol):
    """A source that knows its flux at an energy: its thresholds can be variables."""

    def density(self, component: str, energy: Array, basis: Basis) -> dict[str, Array]:
        """Return the flux outside of lines by state, MeV^-1 for unit flux, shape of `energy`."""
        ...


class Line(NamedTuple):
    """A line of one of several spectra.

    Attributes
    ----------
    spectrum : int
    energy : float
        MeV.
    """

    spectrum: int
    energy: float


class MovingMoments:
    """The moments of several sources in one basis, above thresholds that are tensors."""

    def __init__(self, sources: Sequence[Source], basis: Basis) -> None:
        for source in sources:
            if not hasattr(source, "density"):
                raise InputError(
                    "source",
                    source.label,
                    found="a threshold that is free, and no density of its flux",
                    expected="a source with one, or a mass that is held",
                )
        self.sources = [cast(WithDensity, source) for source in sources]
        self.basis, self.states = basis, sources[0].states(basis)
        components = [(source, name) for source in self.sources for name in source.flux]
        self.lines = [
            Line(index, energy)
            for index, (source, name) in enumerate(components)
            for energy in source.lines(name)
        ]
        self.of_lines = self._of_lines()
        self._op = {lines: _Moments(self, lines) for lines in (False, True)}

    def _of_lines(self) -> dict[str, Array]:
        """Return the moments of the lines by state, shape (4, lines)."""
        energies = np.array([line.energy for line in self.lines])
        place = [line.spectrum for line in self.lines]
        rows = np.arange(len(place))
        below = self._all(energies * (1.0 - APART))
        above = self._all(energies * (1.0 + APART))
        return {state: (below[state] - above[state])[:, place, rows] for state in below}

    def _all(self, threshold: Array) -> dict[str, Array]:
        found = [moments_of(source, threshold, self.basis) for source in self.sources]
        return {state: np.concatenate([of[state] for of in found], axis=1) for state in found[0]}

    def moments(self, threshold: Array, *, lines: bool) -> Array:
        """Return the moments, shape (states, 4, spectra, *threshold.shape)."""
        logs = np.clip(np.log(threshold), self._table.x[0], self._table.x[-1])
        result = np.moveaxis(self._table(logs), range(threshold.ndim), range(-threshold.ndim, 0))
        return result + self._in_lines(threshold) if lines else np.ascontiguousarray(result)

    def _in_lines(self, threshold: Array) -> Array:
        """Return what lines add to the moments, of the same shape."""
        spectra = sum(len(source.flux) for source in self.sources)
        states = self.states
        result = np.zeros((len(states), 4, spectra, *threshold.shape))
        for index, line in enumerate(self.lines):
            reached = threshold <= line.energy
            for row, state in enumerate(states):
                own = self.of_lines[state][:, index].reshape(4, *(1,) * threshold.ndim)
                result[row, :, line.spectrum] += own * reached
        return result

    @cached_property
    def _table(self) -> CubicHermiteSpline:
        """The moments without lines by ln E, with their slopes: cubics between them are exact to
        10^-9, and evaluated in a tenth of the time."""
        last = 1.0
        while last < 1e3 and any(of.any() for of in self._all(np.array([last])).values()):
            last *= 1.1
        energy = np.geomspace(LOWEST, last, POINTS)
        found = self._all(energy)
        values = np.stack([found[s] for s in self.states]) - self._in_lines(energy)
        powers = np.stack([np.ones(POINTS), 1 / energy, energy**-2, np.log(energy)])
        slopes = -self.density(energy)[:, None] * (energy * powers)[None, :, None]
        return CubicHermiteSpline(
            np.log(energy), np.moveaxis(values, -1, 0), np.moveaxis(slopes, -1, 0)
        )

    def density(self, threshold: Array) -> Array:
        """Return the flux at thresholds, shape (states, spectra, *threshold.shape)."""
        flat = threshold.ravel()
        rows = [
            source.density(component, flat, self.basis)
            for source in self.sources
            for component in source.flux
        ]
        states = [np.stack([row[state] for row in rows]) for state in self.states]
        return np.stack(states).reshape(len(states), len(rows), *threshold.shape)

    def at(self, threshold: Any, *, lines: bool) -> dict[str, Any]:
        """Return the moments by state, tensors of shape (4, spectra, *threshold.shape)."""
        found = self._op[lines](threshold)
        return {state: found[row] for row, state in enumerate(self.states)}


class _Moments(Op):  # type: ignore[misc]
    """Moments of a threshold; of lines, which jump, none if a gradient is wanted."""

    def __init__(self, of: MovingMoments, lines: bool) -> None:
        self.of, self.lines, self.slope = of, lines, _Density(of)

    def make_node(self, threshold: Any) -> Apply:
        threshold = pt.as_tensor_variable(threshold)
        return Apply(
            self, [threshold], [pt.tensor(dtype="float64", shape=(None,) * (3 + threshold.ndim))]
        )

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = self.of.moments(np.asarray(inputs[0]), lines=self.lines)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        (threshold,), (along,) = inputs, cotangents
        powers = pt.stack(
            [pt.ones_like(threshold), 1 / threshold, threshold**-2, pt.log(threshold)]
        )
        # (states, 1, spectra, ...) times (4, 1, ...): the flux where it is cut off.
        flux = self.slope(threshold)[:, None] * powers[None, :, None]
        return [-(along * flux).sum(axis=(0, 1, 2))]


class _Density(Op):  # type: ignore[misc]
    def __init__(self, of: MovingMoments) -> None:
        self.of = of

    def make_node(self, threshold: Any) -> Apply:
        threshold = pt.as_tensor_variable(threshold)
        return Apply(
            self, [threshold], [pt.tensor(dtype="float64", shape=(None,) * (2 + threshold.ndim))]
        )

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = self.of.density(np.asarray(inputs[0]))

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        return [grad_undefined(self, 0, inputs[0], "the flux is piecewise linear")]


Ends = Callable[[float], tuple[float, ...]]
"""Mass -> recoil energies between which a line is seen, keV; none if it is not."""


class LineCounts(Op):  # type: ignore[misc]
    """Counts of a line between its ends, from its cross section on the recoil grid and the mass.

    Between the nodes of a cell that an end cuts the cross section is a cubic; the response is
    evaluated at nodes of the part that is left.

    Parameters
    ----------
    factors : sequence of Factors
        Terms of the response, in the order of the rows of the counts.
    """

    def __init__(self, response: Response, factors: Sequence[Factors], ends: Ends) -> None:
        self.response, self.factors, self.ends = response, tuple(factors), ends
        self.matrix = np.stack([response.terms[own] for own in self.factors])
        grid = response.grid
        weight = grid.weight.reshape(-1, NODES_PER_CELL).sum(axis=1)
        middle = grid.energy.reshape(-1, NODES_PER_CELL).mean(axis=1)
        self.edges = np.append(middle - 0.5 * weight, middle[-1] + 0.5 * weight[-1])
        self.slopes = _LineSlopes(self)
        self._last: tuple[float, Array] | None = None

    def make_node(self, section: Any, mass: Any) -> Apply:
        inputs = [pt.as_tensor_variable(section), pt.as_tensor_variable(mass)]
        return Apply(self, inputs, [pt.dmatrix()])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        section, mass = inputs
        outputs[0][0] = self.weights(float(mass)) @ np.asarray(section)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        return list(self.slopes(*inputs, cotangents[0]))

    def weights(self, mass: float) -> Array:
        """Return what takes the cross section to counts, shape (factors, bins, nodes)."""
        if self._last is None or self._last[0] != mass:
            found = self.ends(mass)
            total = np.zeros_like(self.matrix)
            if found:
                low, high = (float(np.clip(e, self.edges[0], self.edges[-1])) for e in found)
                total = self._below(high) - self._below(low)
            self._last = mass, total
        return self._last[1]

    def _below(self, end: float) -> Array:
        cell = self._cell(end)
        first = cell * NODES_PER_CELL
        result = np.zeros_like(self.matrix)
        result[..., :first] = self.matrix[..., :first]
        low = self.edges[cell]
        if end > low:
            x, w = np.polynomial.legendre.leggauss(NODES_PER_CELL)
            half = 0.5 * (end - low)
            part = RecoilGrid(low + half * (1.0 + x), half * w)
            own = slice(first, first + NODES_PER_CELL)
            result[..., own] = self._response(part) @ self._cubics(cell, part.energy)
        return result

    def at(self, end: float) -> Array:
        """Return the response per keV at an end, times the cubics, (factors, bins, nodes)."""
        cell = self._cell(end)
        result = np.zeros_like(self.matrix)
        own = slice(cell * NODES_PER_CELL, (cell + 1) * NODES_PER_CELL)
        point = RecoilGrid(np.array([end]), np.ones(1))
        result[..., own] = self._response(point) @ self._cubics(cell, point.energy)
        return result

    def _cell(self, end: float) -> int:
        last = len(self.edges) - 2
        return int(np.clip(np.searchsorted(self.edges, end, side="right") - 1, 0, last))

    def _response(self, grid: RecoilGrid) -> Array:
        terms = self.response.fold(grid)
        return np.stack([terms[own] for own in self.factors])

    def _cubics(self, cell: int, energy: Array) -> Array:
        """Return the cubics through the nodes of a cell at energies, shape (energies, nodes)."""
        nodes = self.response.grid.energy[cell * NODES_PER_CELL :][:NODES_PER_CELL]
        result = np.ones((len(energy), NODES_PER_CELL))
        for j, k in np.ndindex(NODES_PER_CELL, NODES_PER_CELL):
            if j != k:
                result[:, j] *= (energy - nodes[k]) / (nodes[j] - nodes[k])
        return result


class _LineSlopes(Op):  # type: ignore[misc]
    """The derivatives of counts of a line, along a direction."""

    def __init__(self, of: LineCounts) -> None:
        self.of = of

    def make_node(self, section: Any, mass: Any, along: Any) -> Apply:
        inputs = [pt.as_tensor_variable(value) for value in (section, mass, along)]
        return Apply(self, inputs, [pt.dvector(), pt.dscalar()])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        section, mass, along = (np.asarray(value) for value in inputs)
        of, value = self.of, float(mass)
        outputs[0][0] = np.einsum("fb,fbn->n", along, of.weights(value))
        outputs[1][0] = np.asarray(self._by_mass(section, value, along))

    def _by_mass(self, section: Array, mass: float, along: Array) -> float:
        of = self.of
        ends, up, down = (of.ends(mass * (1.0 + s)) for s in (0.0, STEP, -STEP))
        if not (ends and up and down):
            return 0.0
        total = 0.0
        for sign, end, a, b in zip((-1.0, 1.0), ends, down, up, strict=True):
            if of.edges[0] < end < of.edges[-1]:
                moved = (b - a) / (2.0 * STEP * mass)
                total += sign * moved * float((along * (of.at(end) @ section)).sum())
        return total
