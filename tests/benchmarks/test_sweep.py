"""The sweep's referee is right where the answer is known, and says so where a package is not."""

import json

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import Prior
from bayesnu.physics.signals import SIGNALS, signal_by_tag
from benchmarks.sweep import ask, compare, page
from benchmarks.sweep.cases import LEVELS, QUICK, Case, all_cases, in_order
from benchmarks.sweep.integrate import marginal
from benchmarks.sweep.judge import cut_of, judge, refused
from benchmarks.sweep.minos import Minos
from benchmarks.sweep.scan import scan
from benchmarks.sweep.store import Store


def likelihood(parameters, terms, observed, sigma):
    """Return counts that are a sum of templates times products of parameters."""
    names = [parameter.name for parameter in parameters]
    order = max(len(chosen) for chosen in terms)
    factors = np.full((len(terms), order), len(names))
    for row, chosen in enumerate(terms):
        factors[row, : len(chosen)] = [names.index(name) for name in chosen]
    return Likelihood(
        parameters=tuple(parameters),
        factors=factors,
        templates=np.array(list(terms.values()), dtype=float),
        labels=tuple(("toy", "+".join(chosen)) for chosen in terms),
        observed=np.array(observed, dtype=float),
        sigma=np.array(sigma, dtype=float),
        stack=(Bins("toy", slice(0, len(observed)), np.arange(len(observed) + 1.0)),),
    )


def signal(low, high):
    return Parameter("x", "signal", Prior(low=low, high=high), one_sided=low == 0.0)


@pytest.fixture(scope="module")
def linear():
    """A signal and a background with a pull, linear, Gaussian: everything is linear algebra."""
    rng = np.random.default_rng(3)
    shape, background, sigma = rng.uniform(1, 3, 8), rng.uniform(20, 30, 8), rng.uniform(2, 4, 8)
    found = likelihood(
        [signal(-1000.0, 1000.0), Parameter("b", "background", Prior(centre=1.0, sigma=0.1))],
        {("x",): shape, ("b",): background},
        background + 2.0 * shape + sigma * rng.normal(size=8),
        sigma,
    )
    design = np.vstack([np.stack([shape, background], axis=1) / sigma[:, None], [0.0, 10.0]])
    covariance = np.linalg.inv(design.T @ design)
    best = covariance @ design.T @ np.append(found.observed / sigma, 10.0)
    return found, float(best[0]), float(np.sqrt(covariance[0, 0]))


@pytest.fixture(scope="module")
def mirrored():
    """x^2 is seen, so there are two modes, of 2 +- 0.1 and -2 -+ 0.1."""
    return likelihood([signal(-100.0, 100.0)], {("x", "x"): [10.0]}, [40.0], [4.0])


@pytest.fixture(scope="module")
def saturating():
    """An efficiency of 1 +- 0.3 that may be zero switches a large signal off: a plateau."""
    parts = [signal(0.0, 1000.0), Parameter("e", "response", Prior(0.0, np.inf, 1.0, 0.3))]
    return likelihood(parts, {(): [50.0], ("e", "x", "x"): [10.0]}, [52.0], [0.0])


def test_intervals_and_regions_of_a_linear_gaussian_likelihood(linear):
    found, best, error = linear
    profile = scan(found, "x")
    posterior = marginal(profile).posterior(found.parameters[0].prior)
    for level in LEVELS:
        wide = norm.ppf(0.5 * (1.0 + level)) * error
        # The referee has to be better than the thousandth of a width that it demands.
        np.testing.assert_allclose(
            profile.intervals(cut_of(level)), [(best - wide, best + wide)], atol=1e-4 * wide
        )
        np.testing.assert_allclose(
            Minos(found, "x").interval(level), (best - wide, best + wide), atol=1e-3 * wide
        )
        # A nuisance is integrated over with 2048 Sobol points: 1e-3 at the worst level.
        np.testing.assert_allclose(
            posterior.highest(level), [(best - wide, best + wide)], atol=1e-2 * wide
        )
    assert posterior.quantile(0.9) == pytest.approx(best + norm.ppf(0.9) * error, abs=5e-3 * error)


def test_both_modes_are_found_and_weighed(mirrored):
    profile = scan(mirrored, "x")
    inner, outer = (np.sqrt(4.0 + sign * 0.4 * np.sqrt(cut_of(0.95))) for sign in (-1, 1))
    np.testing.assert_allclose(
        profile.intervals(cut_of(0.95)), [(-outer, -inner), (inner, outer)], rtol=1e-4
    )
    posterior = marginal(profile).posterior(mirrored.parameters[0].prior)
    region = posterior.highest(0.9)
    assert len(region) == 2
    assert posterior.held(region[:1]) == pytest.approx(0.45, abs=2e-3)
    assert compare.significant_pieces(posterior, region) == 2


def test_a_profile_that_saturates(saturating):
    profile = scan(saturating, "x")

    def delta(x):
        def chi2(e):
            counts = 50.0 + 10.0 * e * x * x
            return 2 * (counts - 52 + 52 * np.log(52 / counts)) + ((e - 1) / 0.3) ** 2

        grid = np.linspace(0.0, 2.0, 2001)
        near = grid[np.argmin(chi2(grid))]
        return minimize_scalar(chi2, bounds=(max(near - 0.01, 0), near + 0.01), method="bounded")

    def rise(x):
        return delta(x).fun - cut_of(0.9)

    # The best fit has 52 counts; the plateau is at (1 / 0.3)^2 = 11.1 and more.
    ((low, high),) = profile.intervals(cut_of(0.9))
    assert low is None
    assert high == pytest.approx(brentq(rise, 0.5, 5.0), rel=1e-4)
    ((_, far),) = profile.intervals(30.0)
    assert far is None


@pytest.mark.parametrize("power", [0.0, 1.0, -1.0])
def test_a_limit_under_every_prior(saturating, power):
    prior = Prior(low=0.01 if power < 0 else 0.0, high=10.0, power=power)
    found = marginal(scan(saturating, "x"))

    def density(x):
        def joint(e):
            counts = 50.0 + 10.0 * e * x * x
            return np.exp(52 * np.log(counts / 52) - counts + 52 - 0.5 * ((e - 1) / 0.3) ** 2)

        root = np.linspace(0.0, 1.8, 3001)
        return np.trapezoid(joint(root**2) * 2.0 * root, root) * x**power

    # In u = ln x the integrand is smooth for every prior.
    limit, error = found.spread(prior, lambda posterior: posterior.quantile(0.9))
    start = np.log(prior.low or 1e-6)

    def mass(end):
        return quad(lambda u: density(np.exp(u)) * np.exp(u), start, np.log(end), limit=200)[0]

    assert mass(limit) / mass(10.0) == pytest.approx(0.9, abs=2e-3 + 5.0 * error / limit)


def test_ends_that_are_off_are_noticed():
    good = [(1.0, 2.0), (3.0, None)]
    assert compare.ends("p", 0.9, good, good).verdict == "agree"
    assert compare.ends("p", 0.9, [(1.0005, 2.0), (3.0, None)], good).verdict == "agree"
    for wrong in ([(1.002, 2.0), (3.0, None)], [(1.0, 2.0)], [(None, 2.0), (3.0, None)]):
        assert compare.ends("p", 0.9, wrong, good).verdict == "disagree"
    levels = (0.68, 0.9)
    assert compare.nested(levels, [[(0.0, 1.0)], [(None, 2.0)]]).verdict == "agree"
    assert compare.nested(levels, [[(0.0, 1.0)], [(0.2, 2.0)]]).verdict == "disagree"


def test_a_wrong_region_is_noticed_by_grid_and_draws(linear):
    found, best, error = linear
    grid = marginal(scan(found, "x")).posterior(found.parameters[0].prior)
    draws = best + error * np.random.default_rng().normal(size=(4, 1000))
    right, wrong = [(best - 1.645 * error, best + 1.645 * error)], [(best, best + 3.0 * error)]
    for region, verdict in ((right, "agree"), (wrong, "disagree")):
        assert compare.held_by_grid(0.9, "flat", region, grid, 0.005).verdict == verdict
        assert compare.held_by_draws(0.9, "flat", region, draws, 0.0).verdict == verdict
        errors = [(0.02 * error, 0.02 * error)]
        judged = compare.against_grid(0.9, "flat", region, right, errors, grid)
        assert judged.verdict == verdict
    halves = [(right[0][0], best), (best + 0.01 * error, right[0][1])]
    assert compare.against_grid(0.9, "flat", halves, right, errors, grid).verdict == "disagree"


def test_finished_cases_are_skipped_and_disagreements_listed(tmp_path):
    store = Store(tmp_path / "cells.jsonl")
    good = compare.ends("profile ends", 0.9, [(0.0, 1.0)], [(0.0, 1.0)])
    bad = compare.ends("profile ends", 0.95, [(0.0, 1.0)], [(0.0, 1.5)])
    entries = [entry.to_dict() | {"command": "bayesnu limit toy"} for entry in (good, bad)]
    store.add("toy", 1.0, entries)
    with store.path.open("a") as file:
        file.write('{"case": "torn')
    assert list(store.read()) == ["toy"]
    other = Store(store.path)
    other.digest = "of other code"
    assert not other.read()
    found = page.summary(store.read())
    assert found["counts"]["profile ends"] == {
        "agree": 1,
        "disagree": 1,
        "refused": 0,
        "not judged": 0,
    }
    assert len(page.unexplained(found)) == 1
    data, text = page.write(found, tmp_path)
    assert json.loads(data.read_text())["cases"] == 1
    assert "bayesnu limit toy" in text.read_text()


def test_the_quick_sweep_is_a_part_of_the_whole():
    names = [case.name for case in all_cases()]
    assert len(names) == len(set(names))
    assert set(QUICK) <= set(names)


def test_every_signal_is_asked_with_every_mass_held():
    cases = all_cases()
    assert {case.signal for case in cases} == set(SIGNALS)
    for case in cases:
        signal = signal_by_tag(case.signal)
        masses = {p.name for p in signal.parameters if p.shape} - {case.parameter}
        assert {name for name, _ in case.fixed} == masses, case.name
        least = signal.parameter(case.parameter).lowest
        assert case.truth is None or least is None or case.truth > least, case.name


def test_one_of_every_kind_and_signal_comes_first():
    cases = in_order(all_cases())
    groups = {(case.kind, case.signal) for case in cases}
    first = {(case.kind, case.signal) for case in cases[: len(groups)]}
    assert len(cases) == len(all_cases())
    assert first == groups


@pytest.mark.parametrize(
    ("experiment", "signal", "parameter", "sentence"),
    [
        ("conus-plus-2025", "magnetic-moment", "mu_mu", "no effect on the counts"),
        ("gemma-2012", "magnetic-moment", "mu_eff", "an effective moment"),
        ("coherent-lar-2020", "neutron-radius", "r_n", "no polynomial"),
    ],
)
def test_a_refused_analysis_is_a_refusal_and_no_crash(experiment, signal, parameter, sentence):
    (found,) = judge(Case((experiment,), signal, parameter))
    assert found["verdict"] == "refused"
    assert sentence in found["package"]
    assert experiment in found["command"]


def test_a_refusal_for_want_of_an_effect_is_compared_with_counts():
    sentence = "mu_e: found no effect on the counts of conus-plus-2025"
    case = Case(("conus-plus-2025",), "magnetic-moment", "mu_e")
    assert ask.effect(case) > 1.0
    assert refused(case, sentence).verdict == "disagree"


def test_a_range_is_doubled_no_further_than_the_parameter_has_a_meaning():
    prior = Prior(low=0.0, high=1.0)
    assert compare.twice_as_wide(prior, False, (0.0, 1.0)) == prior
    wider = compare.twice_as_wide(prior, False)
    assert (wider.low, wider.high) == (-0.5, 1.5)


def test_refusals_that_differ_in_names_and_numbers_only_are_one_line(tmp_path):
    store = Store(tmp_path / "cells.jsonl")
    for case, sentence in (
        ("one-2020 millicharge q_ee", "q_ee: found no effect on the counts of one-2020."),
        ("two-2021 solar-flux flux_b8", "flux_b8: found no effect on the counts of two-2021."),
    ):
        entry = compare.Comparison("whole analysis", 0.9, "", sentence, None, 0.0, "refused")
        store.add(case, 1.0, [entry.to_dict() | {"command": "bayesnu limit"}])
    assert "- 2 times, first `one-2020 millicharge q_ee`" in page.text(page.summary(store.read()))
