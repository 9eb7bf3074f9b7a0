"""Coverage of credible limits under several priors: toys of XENONnT, nuisances integrated on grids.

python benchmarks/prior_coverage.py magnetic-moment mu_eff 300 0 0.5 1 2
python benchmarks/prior_coverage.py millicharge q_ee 300 0 3 6
"""

from __future__ import annotations

import sys

import numpy as np

from bayesnu import likelihood_of
from bayesnu.campaigns.simulation import simulate
from bayesnu.campaigns.task import seed_of
from bayesnu.inference.density import Density
from bayesnu.inference.highest_density import highest_density
from bayesnu.inference.jeffreys import jeffreys
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.inference.profiler import Profiler
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.types import Array

EXPERIMENT = "xenonnt-2022-er"
LEVEL = 0.9
POINTS = 31
QUASI_RANDOM = 64
SHOWN = 50
"""After so many toys coverage is printed."""

REACH = 14.0
"""A grid ends where chi2 has risen by so much."""


def grid_of(toy: Likelihood, name: str, scale: float) -> Array:
    """Return a grid that holds the posterior."""
    profiler = Profiler(toy, [name])
    one_sided = toy.parameters[toy.index(name)].one_sided
    coarse = np.arange(0.0 if one_sided else -24.0, 24.1) * scale
    chi2 = np.array([profiler.at(float(value)).chi2 for value in coarse])
    inside = np.flatnonzero(chi2 < chi2.min() + REACH)
    first, last = max(inside[0] - 1, 0), min(inside[-1] + 1, len(coarse) - 1)
    return np.linspace(coarse[first], coarse[last], POINTS)


def covers(x: Array, log: Array, truth: float, one_sided: bool) -> dict[str, float]:
    """Return by statement whether it holds the truth, from ln of a density on a grid."""
    fine = np.linspace(x[0], x[-1], 4001)
    height = np.exp(np.interp(fine, x, log - log.max()))
    density = Density(fine, height / np.trapezoid(height, fine))
    below = density.share_below(truth)
    if one_sided:
        return {"upper": float(below <= LEVEL)}
    ends = highest_density(density, LEVEL).ends
    return {
        "central": float(0.5 * (1.0 - LEVEL) <= below <= 0.5 * (1.0 + LEVEL)),
        "highest-density": float(any(a <= truth <= b for a, b in ends)),
    }


def main(signal: str, name: str, number: int, truths: list[float]) -> None:
    likelihood = likelihood_of([EXPERIMENT], signal, [name])
    one_sided = likelihood.parameters[0].one_sided
    profiler = Profiler(likelihood, [name])
    scale = 0.2 * float(profiler.scales[0])
    for truth in truths:
        point = profiler.at(truth).x
        found: dict[tuple[str, str], list[float]] = {}
        for index in range(number):
            toy = simulate(likelihood, point, np.random.default_rng(seed_of(1, index)))
            x = grid_of(toy, name, scale)
            try:
                log = marginalise(toy, name, x, points=QUASI_RANDOM).log_likelihood
            except Exception as error:
                print(index, error, flush=True)
                continue
            inner = np.maximum(np.abs(x), 1e-3 * scale)
            priors = {
                "flat": np.zeros_like(x),
                "Jeffreys": jeffreys(likelihood, [name]).log_density(inner[:, None]),
            }
            if one_sided:
                priors["flat-squared"] = np.log(inner)
            for prior, own in priors.items():
                for said, hit in covers(x, log + own, truth, one_sided).items():
                    found.setdefault((prior, said), []).append(hit)
            if (index + 1) % SHOWN == 0 or index + 1 == number:
                show(f"{name} = {truth:g}", found)


def show(where: str, found: dict[tuple[str, str], list[float]]) -> None:
    """Print the coverage of the toys that are done."""
    for (prior, said), hits in found.items():
        share = float(np.mean(hits))
        error = np.sqrt(share * (1.0 - share) / len(hits))
        of = f"{100 * share:.1f} +- {100 * error:.1f}% of {len(hits)}"
        print(f"{where}: {prior}, {said}: {of}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), [float(value) for value in sys.argv[4:]])
