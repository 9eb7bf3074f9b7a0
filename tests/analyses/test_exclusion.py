"""Exclusion planes whose data hold a signal: no limit is not said where all is excluded."""

import pytest

import bayesnu
from bayesnu.analyses.exclusion import exclusion

MEDIATOR = (["lz-2022-er"], "light-mediator", "g_vector", "m_mediator")


@pytest.fixture(scope="module")
def data():
    return bayesnu.asimov(["lz-2022-er"], "light-mediator", {"g_vector": 20.0, "m_mediator": 50.0})


def test_masses_at_which_nothing_fits_are_all_excluded_and_said_to_be(data):
    """At 1e9 keV the mediator has no effect: without a signal the plane's minimum is far."""
    found = exclusion(*MEDIATOR, [1.0, 50.0, 1e9], credible=False, observed=data)
    assert found.all_excluded == (True, False, True)
    assert found.upper[0] is found.upper[2] is None and found.upper[1] > 20.0
    lines = str(found).splitlines()[2:]
    assert ["all excluded" in line for line in lines] == [True, False, True]
    assert "1, 1e+09 exclude every coupling" in found.why_no_limit


def test_a_mass_without_effect_is_no_limit_where_no_signal_fits(data):
    """With 1 dof each mass is compared with itself; without a signal in the data all agree."""
    found = exclusion(*MEDIATOR, [50.0, 1e9], dof=1, credible=False, observed=data)
    assert found.allowed[1] == ((None, None),) and not any(found.all_excluded)
    plain = exclusion(*MEDIATOR, [50.0, 1e9], credible=False)
    assert plain.allowed[1] == ((None, None),) and not any(plain.all_excluded)
    assert "excluded" not in str(plain) and plain.why_no_limit == "the data say nothing"
