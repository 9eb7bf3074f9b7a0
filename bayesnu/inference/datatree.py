"""Draws as an xarray DataTree: the groups that ArviZ knows, and attributes that say how made."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu import __version__
from bayesnu.inference.samplers import sampler_named
from bayesnu.likelihood.held import held_text
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.names import bin_dim, counts_name
from bayesnu.likelihood.other_priors import OtherPrior
from bayesnu.likelihood.priors import SAVED, Prior
from bayesnu.results.draws import Mode, Sampled
from bayesnu.types import Array

if TYPE_CHECKING:
    import xarray as xr


def sampled_of(tree: xr.DataTree, names: tuple[str, ...]) -> Sampled:
    """Return the draws of a saved posterior, with the parameters in the order of `names`."""
    posterior = tree["posterior"].to_dataset()
    modes: tuple[Mode, ...] = ()
    if "modes" in tree.children:
        found = tree["modes"].to_dataset()
        cut = [str(n).removeprefix("best_") for n in found if str(n).startswith("best_")]
        modes = tuple(
            Mode(
                bounds={n: (float(row[f"low_{n}"]), float(row[f"high_{n}"])) for n in cut},
                best={n: float(row[f"best_{n}"]) for n in cut},
                weight=float(row["weight"]),
                weight_error=float(row["weight_error"]),
                r_hat=float(row["r_hat"]),
                ess_bulk=float(row["ess_bulk"]),
                divergences=int(row["divergences"]),
                # Files of the first edition do not hold it.
                ess_tail=float(row["ess_tail"]) if "ess_tail" in row else np.inf,
            )
            for row in (found.isel(mode=k) for k in range(found.sizes["mode"]))
        )
    return Sampled(
        np.stack([np.asarray(posterior[name]) for name in names], axis=-1),
        {str(name): np.asarray(v) for name, v in tree["sample_stats"].to_dataset().items()},
        bool(tree.attrs.get("complete", 1)),
        modes,
    )


def _modes_dataset(modes: tuple[Mode, ...]) -> xr.Dataset:
    import xarray as xr

    data: dict[str, Any] = {
        name: (("mode",), [getattr(mode, name) for mode in modes])
        for name in ("weight", "weight_error", "r_hat", "ess_bulk", "ess_tail", "divergences")
    }
    for name in modes[0].bounds:
        data[f"low_{name}"] = (("mode",), [mode.bounds[name][0] for mode in modes])
        data[f"high_{name}"] = (("mode",), [mode.bounds[name][1] for mode in modes])
        data[f"best_{name}"] = (("mode",), [mode.best[name] for mode in modes])
    return xr.Dataset(data, {"mode": np.arange(len(modes))})


def to_datatree(
    likelihood: Likelihood, sampled: Sampled, settings: Mapping[str, object]
) -> xr.DataTree:
    """Return draws as a DataTree with all groups.

    Everything that can be computed from the draws is: pointwise log-likelihood, log-prior,
    predictive counts. Data stand as counts per bin with the bin's centre as coordinate.
    """
    import xarray as xr

    rng = np.random.default_rng([int(str(settings["seed"])), 1])
    draws = sampled.draws
    prior = draw_prior(likelihood, rng, draws.shape[1])[None]
    tree = draws_only(likelihood, sampled, settings)
    groups = {
        "log_likelihood": _by_bin(likelihood, log_likelihood(likelihood, draws)),
        "log_prior": _variables(
            likelihood,
            np.stack(
                [
                    parameter.prior.log_density(draws[..., index])
                    for index, parameter in enumerate(likelihood.parameters)
                ],
                axis=-1,
            ),
        ),
        "posterior_predictive": _counts(likelihood, predictive(likelihood, draws, rng)),
        "prior": _variables(likelihood, prior),
        "prior_predictive": _counts(likelihood, predictive(likelihood, prior, rng)),
        "observed_data": _counts(likelihood, likelihood.observed),
        "constant_data": _dataset(likelihood, _constants(likelihood)),
    }
    if sampled.modes:
        groups["modes"] = _modes_dataset(sampled.modes)
    for name, dataset in groups.items():
        tree[name] = xr.DataTree(dataset)
    return tree


def draws_only(
    likelihood: Likelihood, sampled: Sampled, settings: Mapping[str, object]
) -> xr.DataTree:
    """Return only the groups posterior and sample_stats: what a run in progress writes."""
    import xarray as xr

    statistics = {
        name: (("chain", "draw"), values)
        for name, values in sampled.statistics.items()
        if values.shape == sampled.draws.shape[:2]
    }
    tree = xr.DataTree.from_dict(
        {
            "posterior": _variables(likelihood, sampled.draws),
            "sample_stats": _dataset(likelihood, statistics),
        }
    )
    made = how_made(likelihood, settings, sampled.complete)
    tree.attrs.update(made)
    tree["posterior"].attrs.update(made)
    return tree


def _variables(likelihood: Likelihood, values: Array) -> xr.Dataset:
    """Return values of shape (chain, draw, parameters) as one variable a parameter."""
    return _dataset(
        likelihood,
        {
            name: (("chain", "draw"), values[..., index], _attributes(likelihood, index))
            for index, name in enumerate(likelihood.names)
        },
    )


def _by_bin(likelihood: Likelihood, values: Array) -> xr.Dataset:
    """Return values of shape (..., bins) as one variable an experiment."""
    lead = ("chain", "draw") if values.ndim > 1 else ()
    return _dataset(
        likelihood,
        {
            counts_name(bins.experiment): (
                (*lead, bin_dim(bins.experiment)),
                values[..., bins.part],
            )
            for bins in likelihood.stack
        },
    )


def _counts(likelihood: Likelihood, values: Array) -> xr.Dataset:
    """Return counts as `_by_bin` does; numbers of events are integers, as plots of counts want.

    Gaussian bins and Asimov data hold no whole numbers and stay as they are.
    """
    dataset = _by_bin(likelihood, values)
    whole = [name for name in dataset if bool((dataset[name] == np.rint(dataset[name])).all())]
    return dataset.assign({name: dataset[name].astype(np.int64) for name in whole})


def _dataset(likelihood: Likelihood, data: Mapping[str, Any]) -> xr.Dataset:
    """Return a dataset whose coordinates fit the sizes of its variables."""
    import xarray as xr

    centres = {
        bin_dim(bins.experiment): 0.5 * (bins.edges[1:] + bins.edges[:-1])
        for bins in likelihood.stack
    }
    sizes = {
        dim: size
        for entry in data.values()
        for dim, size in zip(entry[0], np.shape(entry[1]), strict=True)
    }
    coords = {
        name: np.arange(size) if name in ("chain", "draw") else centres[name]
        for name, size in sizes.items()
    }
    return xr.Dataset(dict(data), coords)


def _attributes(likelihood: Likelihood, index: int) -> dict[str, str | float]:
    parameter = likelihood.parameters[index]
    return {
        "unit": parameter.unit,
        "long_name": parameter.latex or parameter.name,
        "role": parameter.role,
        "prior": parameter.prior.words(parameter.name),
        "one_sided": int(parameter.one_sided),
        "periodic": int(parameter.periodic),
        **parameter.prior.to_attributes(),
    }


def _constants(likelihood: Likelihood) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for bins in likelihood.stack:
        dim = bin_dim(bins.experiment)
        tail = dim.removeprefix("bin_")
        result[f"low_{tail}"] = ((dim,), bins.edges[:-1], {"axis": bins.axis})
        result[f"high_{tail}"] = ((dim,), bins.edges[1:], {"axis": bins.axis})
        result[f"sigma_{tail}"] = ((dim,), likelihood.sigma[bins.part])
    return result


def log_likelihood(likelihood: Likelihood, draws: Array) -> Array:
    """Return the normalised log-likelihood of every bin, shape (..., bins)."""
    from scipy.special import gammaln, xlogy

    expected = likelihood.expected(draws)
    n = likelihood.observed
    poisson = xlogy(n, expected) - expected - gammaln(n + 1.0)
    sigma = np.where(likelihood.poisson, 1.0, likelihood.sigma)
    normal = -0.5 * ((expected - n) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2.0 * np.pi)
    return np.asarray(np.where(likelihood.poisson, poisson, normal))


def predictive(likelihood: Likelihood, draws: Array, rng: np.random.Generator) -> Array:
    """Draw counts for every draw of the parameters, shape (..., bins)."""
    expected = likelihood.expected(draws)
    # NumPy's Poisson generator ends near 9e18; a flat prior can ask for more.
    counts = rng.poisson(np.minimum(expected, 1e18)).astype(float)
    normal = expected + likelihood.sigma * rng.normal(size=expected.shape)
    return np.where(likelihood.poisson, counts, normal)


ENDLESS = 100.0
"""Nothing can be drawn from a flat prior without an end: draws of a free norm go so far."""


def draw_prior(likelihood: Likelihood, rng: np.random.Generator, size: int) -> Array:
    """Draw from the priors, shape (size, parameters)."""
    return np.stack(
        [_drawable(p.prior).ppf(rng.uniform(size=size)) for p in likelihood.parameters], axis=-1
    )


def _drawable(prior: Prior) -> Prior:
    endless = not prior.has_pull and np.isinf(prior.high)
    return replace(prior, high=prior.low + ENDLESS) if endless else prior


def how_made(
    likelihood: Likelihood, settings: Mapping[str, object], complete: bool
) -> dict[str, Any]:
    """Return attributes that say how a posterior was made."""
    experiments = likelihood.provenance.get("experiments", {})
    assert isinstance(experiments, dict)
    library = sampler_named(str(settings["backend"])).library
    return {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "creation_library": "bayesnu",
        "creation_library_version": __version__,
        "inference_library": library,
        "inference_library_version": version(library),
        "numpy_version": np.__version__,
        "python_version": platform.python_version(),
        "experiments": " ".join(experiments),
        "inputs_hash": " ".join(f"{name}:{digest}" for name, digest in experiments.items()),
        "signal": str(likelihood.provenance.get("signal", "")),
        "priors": "; ".join(p.prior.words(p.name) for p in likelihood.parameters),
        "route": likelihood.route,
        "held": held_text(likelihood).removeprefix(", "),
        **settings,
        "complete": int(complete),
    }


def under_prior(tree: xr.DataTree, other: OtherPrior) -> xr.DataTree:
    """Return a tree of draws that another prior has weighed, which says so.

    What is drawn from the priors themselves is left out.
    """
    kept = {
        name: group.to_dataset()
        for name, group in tree.children.items()
        if name not in ("prior", "prior_predictive", "log_prior")
    }
    for name in other.parameters:
        attributes = kept["posterior"][name].attrs
        numbers = [key for key in attributes if str(key).startswith(SAVED)]
        for key in numbers:
            del attributes[key]
        attributes["prior"] = other.words
    found = tree.from_dict(kept)
    found.attrs.update({**tree.attrs, "priors": f"{tree.attrs['priors']}; weighed: {other.words}"})
    return found
