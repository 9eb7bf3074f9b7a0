"""ternes-tortola-2025, Eq. 15-19, from the data themselves."""

import pytest

import bayesnu
from bayesnu.analyses.beams.profile import profile_effective_moment
from bayesnu.analyses.question import likelihood_of
from bayesnu.analyses.scans import contour_scan
from bayesnu.papers.paper import load_paper

TAG = "transition-magnetic-moment"
SOLAR = load_paper("ternes-tortola-2025").experiments["same"]
PUBLISHED = {"Lambda_1": 1.3, "Lambda_2": 0.9, "Lambda_3": 0.8}
WITHIN = 0.15
"""What is asked for; the paper prints one or two digits. Found: 0.93, 0.94 and 0.89 of them."""


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("fit", ["one-at-a-time", "marginal"])
def test_equations_15_to_17(name, fit):
    found = bayesnu.limit(SOLAR, TAG, name, method="profile", fit=fit)
    assert found.frequentist.intervals[0][1] == pytest.approx(PUBLISHED[name], rel=WITHIN)


@pytest.mark.parametrize(
    ("beam", "published"), [("reactor", 1.0), ("accelerator", 2.1), ("solar", 0.75)]
)
def test_equations_18_and_19_and_the_solar_moment(beam, published):
    found = profile_effective_moment(SOLAR, beam, points=5)
    assert found.upper_limit == pytest.approx(published, rel=WITHIN)


def test_without_nuisances_the_profile_of_a_beam_is_the_translated_solar_limit():
    # With theta_12, theta_13 fixed all counts depend on the solar moment alone.
    from bayesnu.physics.moments import EffectiveMomentLimit, reactor, solar

    own = profile_effective_moment(["xenonnt-2022-er"], "solar", points=3)
    found = profile_effective_moment(["xenonnt-2022-er"], "reactor", points=3)
    translated = EffectiveMomentLimit(own.upper_limit, solar()).translated(reactor()).value
    # The root is found to 1e-5 of its starting bracket.
    assert found.upper_limit == pytest.approx(translated, rel=1e-3)


def test_the_solar_moment_is_the_limit_on_mu_eff():
    own = profile_effective_moment(["xenonnt-2022-er"], "solar", points=3).upper_limit
    effective = bayesnu.limit(["xenonnt-2022-er"], "magnetic-moment", "mu_eff", method="profile")
    # One P_e1 for all components: Eq. 14 is the same for pp and 7Be.
    assert own == pytest.approx(effective.frequentist.intervals[0][1], rel=1e-3)


def test_a_beam_with_a_blind_spot_limits_no_other_beam():
    found = profile_effective_moment(["gemma-2012"], "solar", points=3)
    assert found.upper_limit is None
    assert profile_effective_moment(["gemma-2012"], "reactor", points=3).upper_limit == (
        pytest.approx(2.9, rel=1e-4)
    )


def test_the_solar_region_is_an_ellipse():
    # Only the solar moment matters, so the 90% region is a quarter of an ellipse.
    likelihood = likelihood_of(["xenonnt-2022-er"], TAG, ["Lambda_1"])
    found = contour_scan(
        ["xenonnt-2022-er"], TAG, ("Lambda_1", "Lambda_2"), fit="marginal", points=9
    )
    assert found.best_fit == pytest.approx((0.0, 0.0), abs=1e-3)
    assert likelihood.parameters[0].one_sided
    ends = [line.max(axis=0) for line in found.lines(found.cuts[0])]
    width, height = max(e[0] for e in ends), max(e[1] for e in ends)
    # A spline through nine points.
    assert found.area(found.cuts[0]) == pytest.approx(0.7854 * width * height, rel=0.05)
