"""Ranges of priors reach as far as the experiments need, and no farther."""

import numpy as np
import pytest

import bayesnu
from bayesnu.errors import InputError
from bayesnu.model.build import build_likelihood
from bayesnu.model.prior_range import RESOLVED
from bayesnu.physics.signals import signal_for

BOTH = ["coherent-lar-2020", "conus-plus-2025"]


def ranges(names, tag, parameter):
    loaded = [bayesnu.load(name) for name in names]
    signal = signal_for(tag, [experiment.recoils for experiment in loaded])
    likelihood = build_likelihood(loaded, signal, [parameter])
    return likelihood, signal.parameter(parameter).reach


@pytest.mark.parametrize(
    ("names", "tag", "parameter", "times"),
    [
        (["xenonnt-2022-er"], "magnetic-moment", "mu_eff", 1.0),
        (["xenonnt-2022-er"], "charge-radius", "r2_ee", 1.0),
        (["conus-plus-2025"], "magnetic-moment", "mu_e", 1.0),
        (BOTH, "magnetic-moment", "mu_e", 1.0),
        # Units and range are those of electrons, which CONUS+ sees; muon neutrinos only argon does.
        (BOTH, "magnetic-moment", "mu_mu", 10.0),
        (BOTH, "millicharge", "q_mumu", 1e4),
    ],
)
def test_a_range_is_widened_where_the_experiments_need_it(names, tag, parameter, times):
    likelihood, reach = ranges(names, tag, parameter)
    assert likelihood.high[0] == pytest.approx(times * reach)
    low = 0.0 if likelihood.parameters[0].one_sided else -times * reach
    assert likelihood.low[0] == pytest.approx(low)


@pytest.mark.parametrize("name", ["lz-2024-er", "pandax4t-2022-er", "xenonnt-2026-s2only"])
def test_no_range_goes_beyond_what_has_a_meaning(name):
    """These tell no end of it from nothing; a sine squared above one is none."""
    likelihood, _ = ranges([name], "weak-mixing-angle", "sin2_theta_w")
    assert (likelihood.low[0], likelihood.high[0]) == (0.0, 1.0)


def test_a_coupling_stays_perturbative():
    asked = (["xenonnt-2026-8b"], "light-mediator", ["g_vector"])
    likelihood = bayesnu.likelihood_of(*asked, fixed={"m_mediator": 1e9})
    assert likelihood.high[0] == pytest.approx((4 * np.pi) ** 0.5 / 1e-7)
    with pytest.raises(
        InputError, match=r"g_vector: found 4\d*.0, expected at most 3.545e"
    ):
        bayesnu.rates("xenonnt-2026-8b", "light-mediator", {"g_vector": 4e7})


def test_the_end_of_a_range_is_excluded_by_what_is_expected():
    likelihood, _ = ranges(BOTH, "magnetic-moment", "mu_mu")
    expected = likelihood.with_observed(likelihood.expected(likelihood.start))
    assert expected.chi2(expected.point({"mu_mu": likelihood.high[0]})) > RESOLVED


def test_data_change_no_range():
    loaded = [bayesnu.load(name) for name in BOTH]
    signal = signal_for("magnetic-moment", [experiment.recoils for experiment in loaded])
    other = {e.name: 2.0 * abs(e.observed) for e in loaded}
    found = build_likelihood(loaded, signal, ["mu_mu"], observed=other)
    assert found.high[0] == build_likelihood(loaded, signal, ["mu_mu"]).high[0]


def test_a_parameter_that_only_one_of_two_experiments_sees_has_a_limit():
    both = bayesnu.limit(BOTH, "magnetic-moment", "mu_mu", method="profile")
    alone = bayesnu.limit(BOTH[:1], "magnetic-moment", "mu_mu", method="profile")
    # CONUS+ shares nothing with argon and does not see it.
    found, expected = (run.frequentist.intervals[0][1] for run in (both, alone))
    assert found == pytest.approx(expected, rel=1e-3)
