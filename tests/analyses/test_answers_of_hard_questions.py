"""Questions that are easily answered wrongly: a continuum of minima, far modes, log priors."""

import re
import time

import numpy as np
import pytest
from monte_carlo import settings, stochastic, with_seed

import bayesnu
from bayesnu.analyses.prior_effect import prior_effect
from bayesnu.analyses.question import likelihood_of
from bayesnu.campaigns.refit import Refitted, credible_interval
from bayesnu.cli import main
from bayesnu.inference.jeffreys import jeffreys
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.inference.minima import find_minima
from bayesnu.inference.profile import profile
from bayesnu.inference.sampled_limit import sampled_limit
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)


def test_a_continuum_of_minima_takes_no_longer_than_one(tmp_path):
    """Six radii in one bin: chi2 is zero on a surface. A dense scan has (-122.68, 64.40)."""
    path = tmp_path / "held.toml"
    held = 'extends = "pandax4t-2024-8b"\n[neutrinos.oscillation]\nnuisances = false\n'
    path.write_text(held, encoding="utf-8")
    likelihood = likelihood_of([str(path)], "charge-radius", ["r2_ee"], fit="marginal")
    began = time.process_time()
    ((low, high),) = profile(likelihood, "r2_ee", cut=CUT).intervals(CUT)
    assert time.process_time() - began < 5.0
    assert (low, high) == pytest.approx((-122.68, 64.40), abs=0.05)


def test_a_size_that_is_not_seen_fits_best_at_zero_itself():
    for name, parameter in (("xenonnt-2026-8b", "mu_eff"), ("lz-2024-er", "mu_mu")):
        fit = find_minima(likelihood_of([name], "magnetic-moment", [parameter]))[0]
        assert fit.x[0] == 0.0 or fit.x[0] > 0.01


@stochastic
def test_every_prior_has_the_limit_of_a_grid():
    """`bayesnu priors`, the prior flat in the logarithm included, which begins far below."""
    found = prior_effect(
        ["xenonnt-2026-8b"], "magnetic-moment", "mu_eff", settings=settings(cores=1)
    )
    assert all(limit.converged for limit in found.credible)
    for limit, name in zip(
        found.credible, ("flat", "flat-squared", "log", "jeffreys"), strict=True
    ):
        plain = "flat" if name == "jeffreys" else name
        likelihood = likelihood_of(["xenonnt-2026-8b"], "magnetic-moment", ["mu_eff"], prior=plain)
        prior = likelihood.parameters[0].prior
        x = np.geomspace(max(prior.low, 0.01), 1e4, 400)
        log = marginalise(likelihood, "mu_eff", x).log_likelihood + prior.log_density(x)
        if name == "jeffreys":
            log = log + jeffreys(likelihood, ["mu_eff"]).log_density(x[:, None])
        below = np.cumsum(np.exp(log - log.max()) * x)
        exact = float(np.interp(0.9, below / below[-1], x))
        ((_, upper),), ((_, error),) = limit.intervals, limit.intervals_error
        assert upper == pytest.approx(exact, abs=5.0 * error + 0.01 * exact), name


@stochastic
def test_a_charge_of_all_six_has_a_credible_region_that_is_not_the_priors_range():
    found = bayesnu.limit(
        ["xenonnt-2026-8b"], "millicharge", "q_ee", fit="marginal", settings=settings(cores=1)
    )
    ((a, b),), ((c, d),) = found.bayesian.intervals, found.frequentist.intervals
    assert -7.0 < c < a < b < d < 16.0


@stochastic
def test_both_modes_of_a_projection_are_integrated_as_on_a_grid():
    """darwin-300ty-depleted: the second mode is far and narrow, with a twentieth of the weight."""
    name = "darwin-300ty-depleted"
    data = bayesnu.asimov([name], "charge-radius")
    likelihood = likelihood_of([name], "charge-radius", ["r2_eff"], observed=data)
    sampled, printed = sampled_limit(likelihood, "r2_eff", 0.9, settings(cores=1))
    assert len(sampled.modes) == 2
    low, high = min(m.best["r2_eff"] for m in sampled.modes), 5.0
    x = np.linspace(low - 5.0, high, 4000)
    log = marginalise(likelihood, "r2_eff", x).log_likelihood
    density = np.exp(log - log.max())
    held = sum(density[(x > a) & (x < b)].sum() for a, b in printed.intervals) / density.sum()
    weight = np.hypot(*(mode.weight_error for mode in sampled.modes))
    share = np.sqrt(0.9 * 0.1 / min(printed.ess_bulk, printed.ess_tail))
    assert held == pytest.approx(0.9, abs=5.0 * np.hypot(share, weight))
    # A campaign reads the limit off its draws as a single fit does.
    found = Refitted(sampled, printed.r_hat, printed.divergences, len(sampled.modes))
    assert credible_interval(found, likelihood, "r2_eff", 0.9) == printed.intervals


@stochastic
def test_a_radius_that_is_there_is_found_as_wide_as_the_data_say(capsys):
    words = "limit docs/examples/my-experiment/my-experiment.toml --asimov --exposure 1000"
    words += " --truth r2_eff=100 --signal charge-radius --parameter r2_eff --no-files"
    assert main(with_seed(words.split())) == 0
    out = capsys.readouterr().out
    pairs = re.findall(r"\((-?[\d.]+), (-?[\d.]+)\)", out)
    held = [(float(a), float(b)) for a, b in pairs if float(a) < 100.0 < float(b)]
    assert len(held) == 2
    for a, b in held:
        # 100 +- 1.06 in each of two statements.
        assert (a, b) == pytest.approx((98.26, 101.74), abs=0.6)
