"""The posterior of a mass and a coupling together, on a grid, without a sampler.

Where the mass is too large for the data the coupling is free, where it is small the coupling
is bounded: a funnel, in which chains mix badly. Two parameters are few enough to integrate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from bayesnu.analyses.exclusion import check_masses, is_sensitive, mass_parameter
from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.errors import InputError
from bayesnu.inference.credible import upper_limit
from bayesnu.inference.density import Density
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.physics.signals import Signal
from bayesnu.types import Array, Progress

POWERS = {"flat": 1.0, "flat-squared": 2.0, "log": 0.0}
"""A prior g^(k-1) dg is g^k d ln g: the power k by name."""


@dataclass(frozen=True)
class JointPosterior:
    """The joint posterior of a mass and a coupling."""

    experiments: tuple[str, ...]
    signal: str
    coupling: str
    unit: str
    mass: str
    mass_unit: str
    prior: str
    """Of both, in words."""
    masses: Array
    """Shape (nm,)."""
    couplings: Array
    """Shape (ng,)."""
    density: Array
    """Shape (nm, ng). Per unit of ln mass and ln coupling; integrates to one."""
    prior_density: Array
    """Shape (nm, ng). The same of the prior."""
    log_bayes_factor: Array
    """Shape (nm,). ln of the evidence at each mass over that without a signal."""
    efficiency: float
    """Smallest share of effective points in the integrals over nuisances."""

    def mass_density(self) -> Array:
        """Return the posterior of ln mass, the coupling integrated out, shape (nm,)."""
        return np.asarray(self.density @ _steps(self.couplings))

    def upper(self, level: float) -> Array:
        """Return the credible upper limit on the coupling at each mass, shape (nm,)."""
        return np.array([self._upper(row, level) for row in self.density])

    def upper_of_all(self, level: float) -> float:
        """Return the credible upper limit on the coupling, the mass integrated out."""
        return self._upper(_steps(self.masses) @ self.density, level)

    def _upper(self, density: Array, level: float) -> float:
        norm = float(density @ _steps(self.couplings))
        found = upper_limit(Density(self.couplings, density / norm, log=True), level)
        return float(found.intervals[0][1] or 0.0)

    def region(self, level: float) -> NDArray[np.bool_]:
        """Return which grid points lie in the highest-density region, shape (nm, ng)."""
        weight = self.density * np.outer(_steps(self.masses), _steps(self.couplings))
        order = np.argsort(self.density.ravel())[::-1]
        inside = np.cumsum(weight.ravel()[order]) <= level * weight.sum()
        result = np.zeros(self.density.size, dtype=bool)
        result[order[inside]] = True
        return result.reshape(self.density.shape)

    def information(self) -> float:
        """Return how far the data move the prior, the Kullback-Leibler divergence in nats."""
        weight = np.outer(_steps(self.masses), _steps(self.couplings))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(self.density > 0, np.log(self.density / self.prior_density), 0.0)
        return float((self.density * ratio * weight).sum())

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        arrays = ("masses", "couplings", "density", "log_bayes_factor")
        names = ("experiments", "signal", "coupling", "unit", "mass", "mass_unit", "prior")
        result: dict[str, Any] = {name: getattr(self, name) for name in names}
        result |= {name: getattr(self, name).tolist() for name in arrays}
        return result | {"efficiency": self.efficiency}


def joint_posterior(
    experiments: Question | Experiments,
    signal: str | Signal,
    coupling: str,
    mass: str,
    masses: Sequence[float],
    couplings: Sequence[float],
    *,
    progress: Progress | None = None,
    **asked: Unpack[Asked],
) -> JointPosterior:
    """Return the joint posterior of a mass and a coupling on a grid.

    Parameters
    ----------
    masses, couplings : sequence of float
        Ascending, above zero. They span the prior: both ranges matter and are part of the
        result, because the data bound neither a coupling at a large mass nor a mass at a small
        coupling.
    **asked
        As of `bayesnu.limit`; `prior` is that of the coupling, flat in its logarithm if not
        given. The prior of the mass is flat in its logarithm.
    """
    prior = asked.get("prior", "log")
    if prior not in POWERS:
        raise InputError("--prior", "prior", found=prior, expected=" | ".join(POWERS))
    m, g = check_masses(masses), check_masses(couplings)
    for name, grid in ((mass, m), (coupling, g)):
        if len(grid) < 2 or grid[0] <= 0.0:
            raise InputError(
                name, "grid", found=f"{len(grid)} from {grid[0]:g}", expected="two or more, above 0"
            )
    question = as_question(experiments, signal, coupling, asked).but(prior="flat")
    model = question.signal
    shape, size = mass_parameter(model, mass), model.parameter(coupling)
    log_likelihood = np.zeros((len(m), len(g)))
    efficiency = 1.0
    for row, value in enumerate(m):
        likelihood = question.but(fixed={**question.fixed, mass: float(value)}).likelihood
        if is_sensitive(likelihood, coupling):
            found = marginalise(likelihood, coupling, np.concatenate([[0.0], g]))
            log_likelihood[row] = found.log_likelihood[1:] - found.log_likelihood[0]
            efficiency = min(efficiency, found.efficiency)
        if progress:
            progress((row + 1) / len(m), f"{mass} = {value:.3g}")
    dm, dg = _steps(m), _steps(g)
    in_coupling = g ** POWERS[prior]
    in_coupling = in_coupling / (in_coupling @ dg)
    prior_density = np.outer(np.ones(len(m)) / dm.sum(), in_coupling)
    top = log_likelihood.max()
    density = prior_density * np.exp(log_likelihood - top)
    evidence = np.exp(log_likelihood) @ (in_coupling * dg)
    words = {"flat": f"flat in {coupling}", "flat-squared": f"flat in {coupling}^2"}
    return JointPosterior(
        experiments=question.names,
        signal=model.tag,
        coupling=coupling,
        unit=size.unit,
        mass=mass,
        mass_unit=shape.unit,
        prior=f"{words.get(prior, f'flat in log {coupling}')} on [{g[0]:g}, {g[-1]:g}], "
        f"flat in log {mass} on [{m[0]:g}, {m[-1]:g}]",
        masses=m,
        couplings=g,
        density=density / (dm @ density @ dg),
        prior_density=prior_density,
        log_bayes_factor=np.log(evidence),
        efficiency=efficiency,
    )


def _steps(grid: Array) -> Array:
    """Return the weights of the trapezoidal rule in ln x, shape of `grid`."""
    logs = np.log(grid)
    steps = np.zeros_like(logs)
    steps[1:] += 0.5 * np.diff(logs)
    steps[:-1] += 0.5 * np.diff(logs)
    return steps
