"""Modes: all are found, wherever they lie, and one is not cut in two."""

import numpy as np
import pytest
from monte_carlo import assert_within, generator, mean_error, settings, stochastic
from toy_likelihoods import linear_gaussian, nuisance, polynomial, signal

from bayesnu.inference.minima import find_minima
from bayesnu.inference.modes import find_pieces, mixture, restrict
from bayesnu.inference.posterior import sample
from bayesnu.likelihood.priors import flat, gaussian


def mirrored(distance, width=1.0):
    """Return a signal with solutions at zero and at -`distance`, in units of their width."""
    # Counts t (t + distance) / distance, t = s / width: slope one at both solutions.
    return polynomial(
        [signal("s", flat(-1e6 * width, 1e6 * width)), nuisance("n", gaussian(1.0, 1e-3))],
        {("s", "s"): [1.0 / (distance * width**2)], ("s",): [1.0 / width], ("n",): [200.0]},
        [200.0],
        [1.0],
    )


@pytest.mark.parametrize("distance", [6.0, 12.0, 30.0, 75.0, 150.0])
@pytest.mark.parametrize("width", [1e-3, 1.0, 1e3])
def test_a_mirror_solution_is_found_at_any_distance_and_scale(distance, width):
    likelihood = mirrored(distance, width)
    pieces = find_pieces(likelihood)
    found = sorted(piece.best["s"] / width for piece in pieces)
    # A minimum is as flat as chi2 is exact, 1e-8: 1e-4 of a width.
    assert found == pytest.approx([-distance, 0.0], abs=1e-3)
    cuts = {end for piece in pieces for end in piece.bounds["s"] if abs(end) < 1e6 * width}
    # The barrier is in the middle, on a path of 25 points.
    assert [cut / width for cut in cuts] == pytest.approx([-0.5 * distance], abs=0.03 * distance)


def test_one_mode_is_not_cut(likelihoods):
    for likelihood in (
        linear_gaussian(),
        mirrored(1.0),
        likelihoods("xenonnt-2022-er", "mu_eff"),
        likelihoods("xenonnt-2022-er", "q_ee"),
    ):
        (piece,) = find_pieces(likelihood)
        assert piece.bounds == {}


def test_both_radii_of_khan_2022_are_found(likelihoods):
    likelihood = likelihoods("xenonnt-2022-er@khan-2022", "r2_ee")
    values = np.linspace(-140, 60, 401)
    x = np.tile(likelihood.start, (len(values), 1))
    x[:, 0] = values
    chi2 = likelihood.chi2(x)
    inner = chi2[1:-1]
    expected = values[1:-1][(inner < chi2[:-2]) & (inner < chi2[2:])]
    found = sorted(fit.x[0] for fit in find_minima(likelihood))
    assert len(found) == len(expected) == 2
    # The nuisances move them by less than two units.
    assert found == pytest.approx(sorted(expected), abs=2.0)


@stochastic
def test_four_modes_of_two_parameters_are_found():
    likelihood = polynomial(
        [signal("a", flat(-100, 100)), signal("b", flat(-100, 100))],
        {("a", "a"): [1.0, 0.0], ("b", "b"): [0.0, 1.0]},
        [64.0, 36.0],
        [10.0, 10.0],
    )
    found = sorted((round(p.best["a"], 2), round(p.best["b"], 2)) for p in find_pieces(likelihood))
    assert found == [(-8.0, -6.0), (-8.0, 6.0), (8.0, -6.0), (8.0, 6.0)]
    tree = sample(likelihood, settings(draws=500, tune=300))
    errors = tree["modes"]["weight_error"].values
    assert (errors < 0.01).all()
    # By symmetry.
    assert_within(tree["modes"]["weight"].values, 0.25, errors)


@stochastic
def test_a_piece_keeps_to_its_bounds():
    likelihood = mirrored(30.0)
    piece = restrict(likelihood, {"s": (-15.0, 1e6)})
    draws = sample(piece, settings(draws=200, tune=200, chains=2))["posterior"]["s"].values
    assert (draws > -15.0).all()
    # One solution of width one is left; it is skewed by width / distance, 0.03.
    assert_within(draws.mean(), 0.0, mean_error(draws), 0.05)


def test_a_mixture_holds_every_piece_by_its_weight():
    rng = generator(1)
    draws = [np.full((4, 1000, 1), float(value)) for value in range(3)]
    combined, piece, row = mixture(draws, np.array([0.5, 0.3001, 0.1999]), rng)
    for chain in range(4):
        counts = np.bincount(piece[chain], minlength=3)
        # Whole draws; what is left over goes by lot.
        assert counts == pytest.approx([500, 300.1, 199.9], abs=1.0)
    np.testing.assert_array_equal(combined[..., 0], piece)
    assert row.max() < 1000
