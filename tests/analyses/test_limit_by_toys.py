"""An excess of three sigma is reported as one by both sides, with toys and expectation beside."""

import json
from dataclasses import replace

import numpy as np
import pytest
from experiment_files import OWN_MODEL, write_own
from monte_carlo import assert_within, settings, stochastic

import bayesnu
from bayesnu.analyses.limit import limit_run
from bayesnu.analyses.limit_by_toys import with_expected, with_toy_p_value
from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.inference.profile import profile
from bayesnu.results.limit import Limit

BINS = 29
EXCESS = OWN_MODEL.replace("high_keV = 11.0, width_keV = 2.0", "high_keV = 30.0, width_keV = 1.0")


@pytest.fixture(scope="module")
def excess(tmp_path_factory):
    """A question to 29 bins whose counts are those of a moment that is three sigma from none."""
    folder = tmp_path_factory.mktemp("excess")
    model = EXCESS.replace("events = 50", "events = 290")
    efficiency = "energy_keV,efficiency\n0.5,0\n1,0.4\n2,0.9\n30,0.9\n"
    head = "low_keV,high_keV,counts\n"

    def question(counts):
        rows = "".join(f"{k + 1},{k + 2},{n:.0f}\n" for k, n in enumerate(counts))
        path = write_own(folder, model, head + rows, efficiency)
        return bayesnu.Question.of([path], "magnetic-moment", ["mu_eff"])

    base = question([10] * BINS)
    for mu in np.arange(1.0, 8.0, 0.02):
        expected = bayesnu.asimov(base.experiments, base.signal, {"mu_eff": float(mu)})
        counts = np.round(expected["own"])
        asked = base.but(observed={"own": counts})
        found = profile(asked.likelihood, "mu_eff")
        if found.at(0.0) >= 9.0:
            return question(counts)
    raise AssertionError("no moment is three sigma from none")


@pytest.fixture(scope="module")
def run(excess):
    asked = excess.but(level=0.9, more_levels=(0.68, 0.997))
    return limit_run(asked, settings=settings(cores=1))


@stochastic
def test_three_sigma_are_reported_by_both_sides(run):
    found = run.limit.discovery
    assert 3.0 <= found.significance < 3.3
    assert found.significance == pytest.approx(np.sqrt(run.profile.at(0.0)), abs=1e-6)
    # The posterior has zero as far out as a Gaussian of three sigma, and half a sigma more or less.
    assert 0.98 < found.excluded_at < 0.9997
    # A flat prior up to 100 pays for its range; the best prior does not.
    assert found.log_bayes_factor < found.log_bayes_factor_most
    assert found.log_bayes_factor_most == pytest.approx(0.5 * found.delta_chi2, abs=0.5)
    assert found.log_bayes_factor_error < 0.1
    text = str(run.limit)
    (line,) = [line for line in text.splitlines() if "against mu_eff = 0" in line]
    for words in (f"{found.significance:.1f} sigma", "p = 0.00", "outside the 99", "Bayes factor"):
        assert words in line


def test_other_levels_are_stated_beside_the_first(run):
    one, two = run.limit.levels
    assert (one.level, two.level) == (0.68, 0.997)
    (low, high), (a, b) = one.frequentist.intervals[0], two.frequentist.intervals[0]
    assert a < low < high < b
    assert run.profile.at(b) == pytest.approx(two.frequentist.threshold, abs=1e-4)
    assert one.bayesian.intervals[0][1] < run.limit.bayesian.intervals[0][1]
    assert "68% credible" in str(run.limit) and "99.7% credible" in str(run.limit)


def test_what_is_said_is_read_again(run):
    from bayesnu.files.checked_json import checked

    kept = json.loads(json.dumps(run.limit.to_dict()))
    again = checked(Limit, kept, "limit.json")
    assert again.discovery == run.limit.discovery
    assert again.levels == run.limit.levels
    assert again.goodness == run.limit.goodness
    assert {"delta_chi2", "significance", "p_value"} < set(kept["discovery"])
    assert {"log_bayes_factor", "log_bayes_factor_error"} < set(kept["discovery"])


@stochastic
def test_toys_say_the_same(run):
    by_toys = with_toy_p_value(run, 400, cores=1).limit.discovery
    # Few events in a bin: the limiting distribution is right to a third of p.
    error = np.sqrt(by_toys.p_value / 400.0)
    assert_within(by_toys.toy_p_value, by_toys.p_value, error, 0.3 * by_toys.p_value)
    assert "(400)" in by_toys.row("mu_eff")[2]


@stochastic
def test_what_was_expected_stands_beside_what_was_found(run, excess):
    found = with_expected(run, excess, 40, cores=1).limit
    band = found.expected
    assert band.lower is None and band.toys == 40
    # An excess: the limit is weaker than most that were expected.
    assert run.limit.frequentist.intervals[0][1] > band.upper[3]
    assert "expected Delta chi2" in str(found)
    truth = bayesnu.asimov(excess.experiments, excess.signal, {})
    asked = excess.but(observed=truth)
    asimov = profile(asked.likelihood, "mu_eff").intervals(asked.threshold)[0][1]
    spread = 0.5 * (band.upper[3] - band.upper[1])
    assert_within(band.median[1], asimov, 1.25 * spread / np.sqrt(40), 0.05 * asimov)


def test_a_bad_fit_is_said_to_be_one(excess):
    counts = np.full(BINS, 10.0)
    counts[10:13] = 32.0
    found = limit_run(excess.but(observed={"own": counts}), method="profile").limit
    assert found.goodness.toys == 500 or found.goodness.p_value < 1e-6
    assert found.goodness.bad
    assert "goodness of fit p" in str(found)
    fine = limit_run(excess, method="profile").limit
    assert fine.goodness.toys == 0 and not fine.goodness.bad
    assert "goodness" not in str(fine)


def test_toys_that_cannot_be_made_are_refused(run, capsys):
    without = replace(run, limit=replace(run.limit, discovery=None))
    with pytest.raises(InputError, match="profile"):
        with_toy_p_value(without, 100)
    words = ["limit", "xenonnt-2022-er", "--signal", "magnetic-moment", "--parameter", "mu_eff"]
    assert main([*words, "--toys", "3"]) == 2
    assert main([*words, "--expected", "--method", "posterior"]) == 2
    assert capsys.readouterr().err.count("\n") == 2
