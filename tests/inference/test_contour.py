"""Regions of two parameters."""

import numpy as np
import pytest
from scipy.interpolate import RectBivariateSpline
from toy_likelihoods import linear_gaussian, linear_solution

from bayesnu.errors import InputError
from bayesnu.inference.contour import contour
from bayesnu.inference.cross_check import minuit_contour
from bayesnu.inference.profile import profile
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 2)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_area_of_an_ellipse_is_exact(scale):
    likelihood = linear_gaussian(scale)
    best, covariance, _ = linear_solution(likelihood)
    region = contour(likelihood, "a", "b", cuts=(1.0, CUT), points=31)
    for cut in (1.0, CUT):
        area = np.pi * cut * np.sqrt(np.linalg.det(covariance[:2, :2]))
        assert region.area(cut) == pytest.approx(area, rel=1e-3)  # the promise
    width = np.sqrt(np.diag(covariance)[:2])
    assert np.abs((np.array(region.best_fit) - best[:2]) / width).max() < 1e-3
    (line,) = region.lines(CUT)
    off = line - best[:2]
    distance = np.einsum("pi,ij,pj->p", off, np.linalg.inv(covariance[:2, :2]), off)
    # Straight pieces between points of the refined grid stay inside by less than 0.2%.
    np.testing.assert_allclose(distance, CUT, rtol=2e-3)


@pytest.fixture(scope="module")
def charges(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er", "q_ee", "q_mumu")
    return likelihood, contour(likelihood, "q_ee", "q_mumu", cuts=(CUT,), points=31)


def test_a_contour_agrees_with_mncontour(charges):
    likelihood, region = charges
    points = minuit_contour(likelihood, "q_ee", "q_mumu", CUT, points=40)
    heights = RectBivariateSpline(region.y, region.x, region.delta_chi2)(
        points[:, 1], points[:, 0], grid=False
    )
    # MINUIT follows the line to 0.02 in Delta chi2 or so, which is 0.2% of the radius.
    np.testing.assert_allclose(heights, CUT, atol=0.05)


def test_the_box_around_a_contour_is_the_profiles(charges):
    likelihood, region = charges
    line = np.concatenate(region.lines(CUT))
    for column, name in enumerate(("q_ee", "q_mumu")):
        intervals = profile(likelihood, name, cut=CUT).intervals(CUT)
        low, high = intervals[0][0], intervals[-1][1]
        # The grid's spline is good to a thousandth of the width.
        assert line[:, column].min() == pytest.approx(low, abs=2e-3 * (high - low))
        assert line[:, column].max() == pytest.approx(high, abs=2e-3 * (high - low))


def test_wrong_requests_are_refused():
    likelihood = linear_gaussian()
    with pytest.raises(InputError, match="twice"):
        contour(likelihood, "a", "a")
    with pytest.raises(InputError, match="points"):
        contour(likelihood, "a", "b", points=3)
