"""Results are plain values that know how they are written: no more digits than are known."""

import numpy as np
import pytest

from bayesnu.results.interval_text import intervals_text, number
from bayesnu.results.region import Contour
from bayesnu.results.symbol import safe_symbol


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.5432, None, "1.54"),
        (1.5432, 0.3, "1.5"),
        (1.5432, 1e-9, "1.54"),
        (1543.2, 400.0, "1500"),
        (-0.0, None, "0"),
        (2.5e-7, None, "2.5e-07"),
    ],
)
def test_a_number_has_no_more_digits_than_its_error_allows(value, error, text):
    assert number(value, error) == text


def test_intervals_are_written_with_what_bounds_them():
    assert intervals_text(((None, 0.64),)) == "< 0.64"
    assert intervals_text(((0.1, None),)) == "> 0.1"
    assert intervals_text(((-2.5, -1.0), (3.0, 7.4))) == "(-2.5, -1) or (3, 7.4)"
    assert intervals_text(((None, None),)) == "no limit"
    assert intervals_text(((None, 0.6432),), ((None, 0.02),)) == "< 0.64"


def test_a_region_has_the_lines_and_the_area_of_its_cut():
    x = y = np.linspace(-4.0, 4.0, 33)
    map_ = x[None, :] ** 2 + 4.0 * y[:, None] ** 2
    region = Contour(("a", "b"), ("1", "1"), x, y, map_, (0.0, 0.0), 10.0, (4.0,))
    (ellipse,) = region.lines(4.0)
    assert np.abs(ellipse[:, 0] ** 2 + 4.0 * ellipse[:, 1] ** 2 - 4.0).max() < 0.01
    assert region.area(4.0) == pytest.approx(2.0 * np.pi, rel=2e-3)  # straight lines, 32 cells


@pytest.mark.parametrize("symbol", [r"\input{/etc/passwd}", r"\mu_{", "}{", "$x$", "a" * 300])
def test_a_symbol_that_could_do_harm_is_the_parameters_name(symbol):
    assert safe_symbol(r"\mu_{\mathrm{eff}}", "mu_eff") == r"\mu_{\mathrm{eff}}"
    assert safe_symbol(symbol, "mu_eff") == r"\mathrm{mu-eff}"
