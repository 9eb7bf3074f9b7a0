"""Likelihoods to be timed: real ones, and invented ones of any size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bayesnu.analyses.question import likelihood_of
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import Prior

EXPERIMENT = str(Path(__file__).parent / "xenonnt-plain.toml")
SIGNAL, PARAMETER = "magnetic-moment", "mu_eff"
"""What the commands and samplers are timed with, others' too: 84 bins, 12 terms, 11 parameters."""

TWENTY_NUISANCES = ("xenonnt-2022-er", "lz-2022-er", "pandax4t-2022-er")
"""Together they have more than 20 nuisances and 272 bins."""

ELECTRON_RECOIL = (
    "xenonnt-2022-er",
    "lz-2022-er",
    "lz-2024-er",
    "pandax4t-2022-er",
    "pandax4t-2024-er",
)


def real(*experiments: str) -> Likelihood:
    """Return the likelihood of the magnetic moment from real experiments."""
    return likelihood_of(list(experiments or [EXPERIMENT]), SIGNAL, [PARAMETER])


def invented(bins: int, components: int, name: str = "detector", seed: int = 1) -> Likelihood:
    """Return a likelihood of any size, shaped like a real one.

    One signal that falls as 1/T and enters squared, the solar neutrinos with a flux norm that
    multiplies both, and backgrounds of different slopes with norms known to 10%. All norms of
    one name are shared when likelihoods are stacked; those of backgrounds carry `name`.

    Parameters
    ----------
    bins : int
    components : int
        Templates in all, at least 3.
    name : str
    seed : int
        Of the counts.
    """
    edges = np.linspace(1.0, 141.0, bins + 1)
    middle = 0.5 * (edges[1:] + edges[:-1])
    shapes = [np.exp(-slope * middle / 140.0) for slope in np.linspace(-2.0, 2.0, components - 2)]
    parts = [1.0 / middle, np.exp(-middle / 100.0), *shapes]
    counts = [20.0, 300.0, *[2000.0 / len(shapes)] * len(shapes)]
    templates = np.array([n * part / part.sum() for n, part in zip(counts, parts, strict=True)])
    norms = [f"background_{k}_{name}" for k in range(len(shapes))]
    parameters = (
        Parameter("mu_eff", "signal", Prior(0.0, 100.0), one_sided=True),
        Parameter("flux_pp", "flux", Prior(0.0, np.inf, 1.0, 0.006)),
        *(Parameter(norm, "background", Prior(0.0, np.inf, 1.0, 0.1)) for norm in norms),
    )
    none = len(parameters)
    factors = [[1, 0, 0], [1, none, none], *([k, none, none] for k in range(2, none))]
    labels = [(name, "solar_nu")] * 2 + [(name, norm) for norm in norms]
    return Likelihood(
        parameters=parameters,
        factors=np.array(factors, dtype=np.int64),
        templates=templates,
        labels=tuple(labels),
        observed=np.random.default_rng(seed).poisson(templates[1:].sum(axis=0)).astype(float),
        sigma=np.zeros(bins),
        stack=(Bins(name, slice(0, bins), edges),),
        provenance={"experiments": {name: "invented"}, "signal": "invented"},
    )


def stacked(likelihoods: list[Likelihood]) -> Likelihood:
    """Return several likelihoods as one, as experiments are combined: shared names are shared."""
    parameters = tuple({p.name: p for part in likelihoods for p in part.parameters}.values())
    place = {parameter.name: index for index, parameter in enumerate(parameters)}
    bins = sum(len(part.observed) for part in likelihoods)
    factors, templates, stack, start = [], [], [], 0
    for part in likelihoods:
        moved = np.array([*(place[name] for name in part.names), len(parameters)])
        factors.append(moved[part.factors])
        rows: NDArray[np.float64] = np.zeros((len(part.templates), bins))
        rows[:, start : start + len(part.observed)] = part.templates
        templates.append(rows)
        own = part.stack[0]
        stack.append(replace(own, part=slice(start, start + len(part.observed))))
        start += len(part.observed)
    return Likelihood(
        parameters=parameters,
        factors=np.concatenate(factors),
        templates=np.concatenate(templates),
        labels=tuple(label for part in likelihoods for label in part.labels),
        observed=np.concatenate([part.observed for part in likelihoods]),
        sigma=np.concatenate([part.sigma for part in likelihoods]),
        stack=tuple(stack),
        provenance={
            "experiments": {bins.experiment: "invented" for bins in stack},
            "signal": "invented",
        },
    )


def copies(number: int, bins: int = 84, components: int = 12) -> Likelihood:
    """Return so many invented experiments, combined; signal and flux are shared."""
    return stacked([invented(bins, components, f"detector{k}", seed=k + 1) for k in range(number)])
