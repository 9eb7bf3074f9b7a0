"""Effective draws per second of sampling: four samplers on one posterior, one core each.

Compilation is not counted. Tuning is, and for bayesnu also the search for modes. Chains run one
after the other on one core (emcee: all walkers in one NumPy call, its fastest way), so that the
numbers compare samplers and not start-up of processes. R-hat is printed with each, as ESS of
chains that have not converged means nothing.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesnu import Settings
from bayesnu.inference.minimise import derivatives
from bayesnu.inference.posterior import draw_posterior
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.pymc_model import template_model
from benchmarks.cases import PARAMETER, real
from benchmarks.results import write_part
from benchmarks.timing import Measured, measured

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """Draws of shape (chains, draws, parameters) and the seconds of sampling them."""

    draws: Array
    seconds: float


def kernel_nuts(likelihood: Likelihood, draws: int, tune: int, seed: int) -> Run:
    """Sample as bayesnu does by default."""
    began = time.perf_counter()
    sampled = draw_posterior(
        likelihood, Settings(draws=draws, tune=tune, cores=1, seed=seed, retries=0)
    )
    return Run(sampled.draws, time.perf_counter() - began)


def pymc_nuts(likelihood: Likelihood, draws: int, tune: int, seed: int) -> Run:
    """Sample the pm.Model with PyMC's own NUTS; its clock starts after compilation."""
    import pymc as pm

    with template_model(likelihood):
        tree = pm.sample(
            draws=draws,
            tune=tune,
            chains=4,
            cores=1,
            random_seed=seed,
            target_accept=Settings().target_accept,
            nuts_sampler="pymc",
            progressbar=False,
            compute_convergence_checks=False,
        )
    return Run(_stack(tree, likelihood), float(tree["posterior"].attrs["sampling_time"]))


def nutpie_compiled(likelihood: Likelihood) -> Any:
    """Return the pm.Model as nutpie compiles it."""
    import nutpie

    return nutpie.compile_pymc_model(template_model(likelihood))


def nutpie_nuts(compiled: Any, likelihood: Likelihood, draws: int, tune: int, seed: int) -> Run:
    """Sample the pm.Model, compiled before, with nutpie."""
    import nutpie

    began = time.perf_counter()
    tree = nutpie.sample(
        compiled,
        draws=draws,
        tune=tune,
        chains=4,
        cores=1,
        seed=seed,
        target_accept=Settings().target_accept,
        progress_bar=False,
    )
    return Run(_stack(tree, likelihood), time.perf_counter() - began)


def emcee_stretch(likelihood: Likelihood, steps: int, walkers: int, seed: int) -> Run:
    """Sample the NumPy likelihood with emcee; a third of the steps is burn-in.

    Returns
    -------
    Run
        Walkers as chains.
    """
    import emcee

    rng = np.random.default_rng(seed)
    low, high = likelihood.low, likelihood.high
    size = len(likelihood.names)
    _, _, hessian = derivatives(likelihood, likelihood.start)
    width = np.sqrt(2.0 / np.maximum(np.diag(hessian), 1e-3))
    start = np.abs(likelihood.start + 0.3 * width * rng.normal(size=(walkers, size)))
    start = np.clip(start, low + 1e-3 * np.minimum(width, 1.0), high - 1e-6)
    sampler = emcee.EnsembleSampler(
        walkers, size, lambda x: log_posterior(likelihood, x), vectorize=True
    )
    np.random.seed(seed)  # emcee draws from NumPy's old global generator
    began = time.perf_counter()
    sampler.run_mcmc(start, steps)
    seconds = time.perf_counter() - began
    return Run(np.swapaxes(sampler.get_chain(discard=steps // 3), 0, 1), seconds)


def log_posterior(likelihood: Likelihood, x: Array) -> Array:
    """Return the log-posterior of many points, shape (points, parameters) -> (points,).

    Priors of `cases.real` are flat or Gaussian within their bounds.
    """
    inside = ((x >= likelihood.low) & (x <= likelihood.high)).all(axis=1)
    found = np.full(len(x), -np.inf)
    found[inside] = -0.5 * likelihood.chi2(x[inside])
    return found


def _stack(tree: Any, likelihood: Likelihood) -> Array:
    return np.stack([tree["posterior"][name].values for name in likelihood.names], axis=-1)


def effective(draws: Array) -> tuple[Array, float]:
    """Return the bulk ESS of every parameter by ArviZ, and the largest R-hat."""
    from arviz_stats.base import array_stats

    columns = [draws[..., k] for k in range(draws.shape[-1])]
    axes = {"chain_axis": 0, "draw_axis": 1}
    ess = [float(array_stats.ess(c, method="bulk", **axes)) for c in columns]
    r_hat = [float(array_stats.rhat(c, **axes)) for c in columns]
    return np.array(ess), max(r_hat)


def by_autocorrelation(draws: Array) -> Array:
    """Return emcee's ESS: walkers times steps over the integrated autocorrelation time."""
    import emcee

    tau = emcee.autocorr.integrated_time(np.swapaxes(draws, 0, 1), quiet=True)
    return np.asarray(draws.shape[0] * draws.shape[1] / tau)


def rates(
    name: str, runs: list[Run], index: int, count: Callable[[Array], Array] | None = None
) -> dict[str, Measured]:
    """Return ESS per second of the parameter of interest and of the worst one, with R-hat."""
    found = [effective(run.draws) for run in runs]
    ess = [count(run.draws) if count else e for run, (e, _) in zip(runs, found, strict=True)]
    seconds = [run.seconds for run in runs]
    pairs = list(zip(ess, seconds, strict=True))
    return {
        f"{name}: {PARAMETER}": measured([e[index] / s for e, s in pairs], "1/s"),
        f"{name}: worst parameter": measured([e.min() / s for e, s in pairs], "1/s"),
        f"{name}: sampling": measured(seconds),
        f"{name}: smallest ESS": measured([float(e.min()) for e in ess], ""),
        f"{name}: R-hat": measured([r for _, r in found], ""),
    }


def measure(draws: int = 1000, tune: int = 500, steps: int = 15000, runs: int = 5) -> Any:
    """Sample with all four and return the rates.

    Parameters
    ----------
    draws, tune : int
        Of each of four chains.
    steps : int
        Of 44 walkers, four a parameter.
    runs : int
        Seeds; PyMC and emcee, which take long, get at most three.
    """
    likelihood = real()
    index = likelihood.index(PARAMETER)
    fewer = min(runs, 3)
    kernel_nuts(likelihood, 50, 50, 0)
    results = rates(
        "bayesnu",
        [kernel_nuts(likelihood, draws, tune, seed + 1) for seed in range(runs)],
        index,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = nutpie_compiled(likelihood)
        nutpie_nuts(compiled, likelihood, 50, 50, 0)
        found = [nutpie_nuts(compiled, likelihood, draws, tune, k + 1) for k in range(runs)]
        results |= rates("nutpie on the pm.Model", found, index)
        found = [pymc_nuts(likelihood, draws, tune, k + 1) for k in range(fewer)]
        results |= rates("PyMC NUTS on the pm.Model", found, index)
    walkers = 4 * len(likelihood.names)
    found = [emcee_stretch(likelihood, steps, walkers, k + 1) for k in range(fewer)]
    results |= rates("emcee on the NumPy likelihood", found, index)
    results |= rates("emcee, ESS by autocorrelation time", found, index, by_autocorrelation)
    return results


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it runs")
    args = parser.parse_args()
    found = measure(100, 100, 300, 1) if args.quick else measure()
    write_part(args.out, found)


if __name__ == "__main__":
    main()
