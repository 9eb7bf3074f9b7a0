"""A coupling and a mass sampled together: the posterior that a grid integrates."""

from __future__ import annotations

import json

import numpy as np
import pytensor
import pytest
from monte_carlo import assert_within, mean_error, quantile_error, settings, stochastic

from bayesnu import asimov, joint_posterior, likelihood_of, read_posterior
from bayesnu.cli import main
from bayesnu.inference.convergence import quality_of
from bayesnu.inference.posterior import draw_posterior
from bayesnu.model.graph.likelihood import graph_likelihood
from bayesnu.results.limit import DIVERGENCE_LIMIT, R_HAT_LIMIT

NR = "pandax4t-2024-8b"
PAIRS = {
    "mediator": ([NR], "light-mediator", "g_vector", "m_mediator"),
    "sterile": ([NR], "sterile-dipole", "mu_e", "m4"),
}


@stochastic
@pytest.mark.parametrize("case", PAIRS)
def test_the_joint_posterior_of_coupling_and_mass_is_that_of_the_grid(case: str) -> None:
    experiments, signal, coupling, mass = PAIRS[case]
    of = likelihood_of(experiments, signal, [coupling, mass])
    found = draw_posterior(of, settings(draws=1000, tune=500, chains=2, cores=1))
    assert quality_of(found.draws).r_hat < R_HAT_LIMIT
    assert found.statistics["diverging"].mean() <= DIVERGENCE_LIMIT
    g, m = found.draws[..., of.index(coupling)], found.draws[..., of.index(mass)]
    range_of_mass = of.parameters[of.index(mass)].prior
    grid = joint_posterior(
        experiments,
        signal,
        coupling,
        mass,
        np.geomspace(range_of_mass.low, range_of_mass.high, 61),
        np.geomspace(1e-3, of.parameters[0].prior.high, 161),
        prior="flat",
    )
    # The grid's own steps are worth a percent of the limit, and of a step in the mass.
    limit = grid.upper_of_all(0.9)
    assert_within(np.quantile(g, 0.9), limit, np.hypot(quantile_error(g, 0.9), 0.002 * limit))
    logs, steps = np.log(grid.masses), np.gradient(np.log(grid.masses))
    mean = float((logs * grid.mass_density() * steps).sum() / (grid.mass_density() * steps).sum())
    assert_within(np.log(m).mean(), mean, np.hypot(mean_error(np.log(m)), 0.1 * steps[0]))


ALL_ROUTES = [
    ("xenonnt-2022-er", "magnetic-moment", "mu_eff"),
    # With shapes as nuisances three times slower.
    ("xenonnt-2022-er@giunti-ternes-2023", "millicharge", "q_ee"),
    ("xenonnt-2022-er@giunti-ternes-2023", "charge-radius", "r2_ee"),
]


@stochastic
@pytest.mark.parametrize(("experiment", "signal", "name"), ALL_ROUTES)
def test_the_graph_and_the_compiled_polynomial_are_one_posterior(
    experiment: str, signal: str, name: str
) -> None:
    compiled = likelihood_of([experiment], signal, [name])
    graph = graph_likelihood(compiled.origin)
    how = settings(draws=500, tune=300, chains=2, cores=1)
    first, second = (draw_posterior(of, how).draws[..., 0] for of in (compiled, graph))
    for level in (0.1, 0.5, 0.9):
        error = np.hypot(quantile_error(first, level), quantile_error(second, level))
        assert_within(np.quantile(second, level), np.quantile(first, level), error)


def test_a_result_says_that_it_went_through_the_graph(tmp_path, capsys) -> None:
    words = ["limit", NR, "--signal", "light-mediator", "--parameter", "g_vector"]
    short = ["--draws", "100", "--tune", "100", "--chains", "2", "--cores", "1", "--no-plots"]
    main([*words, "--free", "m_mediator", *short, "--json", "--out", str(tmp_path)])
    (found,) = json.loads(capsys.readouterr().out)["results"]
    assert found["route"] == "graph" and found["frequentist"] is None
    assert "through the graph" in found["bayesian"]["method"]
    # A limit with the mass integrated out is one under a prior of the mass, too.
    assert found["made"]["priors"] == {"m_mediator": "flat in log m_mediator on [1, 1e+06] keV"}
    kept = json.loads((tmp_path / "limit.json").read_text())["results"][0]
    assert kept["route"] == "graph"
    tree = read_posterior(tmp_path)
    assert tree.attrs["route"] == "graph"
    assert "m_mediator" in tree["posterior"] and "posterior_predictive" in tree.children
    main([*words, "--method", "profile", "--no-files", "--json"])
    (found,) = json.loads(capsys.readouterr().out)["results"]
    assert found["route"] == "compiled"


@stochastic
@pytest.mark.parametrize(
    ("experiment", "signal", "name", "most"),
    [
        ("xenonnt-2022-er@ternes-tortola-2025", "magnetic-moment", "mu_e", 0.002),
        ("darwin-300ty", "charge-radius", "r2_ee", 0.04),
    ],
)
def test_an_exact_mixing_angle_moves_limits_by_no_more_than_is_said(
    experiment: str, signal: str, name: str, most: float
) -> None:
    """docs/statistics.md says by how much; the same draws, weighed anew, have no error of two."""
    data = asimov([experiment], signal, {}) if experiment.startswith("darwin") else None
    linear = likelihood_of([experiment], signal, [name], observed=data)
    exact = likelihood_of([experiment], signal, [name], free=["sin2_theta12"], observed=data)
    how = settings(draws=500, tune=500, chains=2, cores=1)
    x = draw_posterior(linear, how).draws.reshape(-1, len(linear.names))
    entry = exact.origin.treatment.oscillation
    angle = entry.sin2_theta12 + entry.sigma_sin2_theta12 * x[:, linear.index("pull_sin2_theta12")]
    others = [None if own == "sin2_theta12" else linear.index(own) for own in exact.names]
    y = np.stack([angle if k is None else x[:, k] for k in others], axis=-1)
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        weights = np.exp(-0.5 * (exact.chi2(y) - linear.chi2(x)))
    values = np.sort(x[:, linear.index(name)])
    below = np.cumsum(weights[np.argsort(x[:, linear.index(name)])]) / weights.sum()
    even = np.arange(1, len(values) + 1) / len(values)
    ends = np.array([np.interp([0.05, 0.95], share, values) for share in (even, below)])
    assert np.abs(ends[1] - ends[0]).max() < most * (ends[0, 1] - ends[0, 0])
