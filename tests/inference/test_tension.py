"""Do experiments agree: parameter goodness of fit and evidences against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from monte_carlo import assert_within, generator, settings, stochastic
from scipy.stats import chi2
from toy_likelihoods import measurements, nuisance, polynomial, signal

from bayesnu.campaigns.simulation import simulate
from bayesnu.errors import InputError
from bayesnu.inference.evidence_ratio import evidence_ratio
from bayesnu.inference.posterior import draw_posterior
from bayesnu.inference.posterior_evidence import evidence_of
from bayesnu.inference.tension import parameter_goodness
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.parts import parts_of, without
from bayesnu.likelihood.priors import Prior, flat, log_normal

WIDE = flat(-200.0, 400.0)
X, S = (100.0, 112.0), (3.0, 2.0)
EXACT = (X[0] - X[1]) ** 2 / (S[0] ** 2 + S[1] ** 2)


def test_two_measurements_differ_by_their_difference_over_its_error() -> None:
    found = parameter_goodness(measurements(X, S, WIDE))
    assert found.delta_chi2 == pytest.approx(EXACT, abs=1e-6)
    assert found.dof == 1
    assert found.p_value == pytest.approx(chi2.sf(EXACT, 1), rel=1e-6)


@pytest.mark.parametrize("sigmas", [0.0, 1.0, 3.0])
def test_a_difference_of_so_many_standard_deviations_has_the_p_value_of_it(sigmas: float) -> None:
    far = 100.0 + sigmas * np.hypot(*S)
    found = parameter_goodness(measurements((100.0, far), S, WIDE))
    assert found.p_value == pytest.approx(chi2.sf(sigmas**2, 1), abs=1e-6)


def test_three_measurements_have_two_degrees_of_freedom() -> None:
    x, s = np.array([98.0, 103.0, 110.0]), np.array([3.0, 2.0, 4.0])
    mean = np.sum(x / s**2) / np.sum(1 / s**2)
    found = parameter_goodness(measurements(x, s, WIDE))
    assert found.delta_chi2 == pytest.approx(np.sum((x - mean) ** 2 / s**2), abs=1e-6)
    assert found.dof == 2


def test_a_shared_nuisance_with_a_pull_is_no_degree_of_freedom_and_a_free_one_is() -> None:
    of = measurements(X, S, WIDE, shared=0.05)
    found = parameter_goodness(of)
    # Each alone fits its value; together x times flux is one number, whatever the flux.
    assert found.delta_chi2 == pytest.approx(EXACT, abs=1e-6)
    assert (found.dof, found.shared) == (1, ("flux",))
    free = replace(of, parameters=(of.parameters[0], nuisance("flux", Prior(low=0.0, high=9.0))))
    assert parameter_goodness(free).dof == 2


@stochastic
def test_the_mean_of_the_parameter_goodness_of_fit_is_its_degrees_of_freedom() -> None:
    """A flux that each part measures in two bins, with a pull that is drawn anew in each toy."""
    of = polynomial(
        [signal("x", WIDE), nuisance("flux", Prior(centre=1.0, sigma=0.1))],
        {("x",): [1.0, 0.2, 1.0, 0.5], ("flux",): [50.0, 80.0, 30.0, 90.0]},
        [150.0, 100.0, 130.0, 140.0],
        [3.0, 4.0, 3.0, 4.0],
    )
    of = replace(
        of,
        stack=(Bins("a", slice(0, 2), np.arange(3.0)), Bins("b", slice(2, 4), np.arange(3.0))),
    )
    rng = generator(4)
    toys = [parameter_goodness(simulate(of, np.array([100.0, 1.0]), rng)) for _ in range(150)]
    delta = np.array([toy.delta_chi2 for toy in toys])
    assert {toy.dof for toy in toys} == {1}
    assert_within(delta.mean(), 1.0, delta.std() / np.sqrt(len(delta)))


@stochastic
@pytest.mark.parametrize("shared", [None, 0.02])
def test_ratio_of_evidences_and_suspiciousness_of_two_gaussians(shared: float | None) -> None:
    of = measurements(X, S, WIDE)
    if shared is not None:
        # A nuisance that both have and that moves nothing much: it drops out.
        of = replace(
            of,
            parameters=(*of.parameters, nuisance("flux", Prior(centre=1.0, sigma=shared))),
            factors=np.array([[0], [0], [1], [1]]),
            templates=np.array([[1.0, 0.0], [0.0, 1.0], [1e-9, 0.0], [0.0, 1e-9]]),
            labels=(*of.labels, ("a", "b1"), ("b", "b1")),
        )
    how = settings(draws=2000)
    parts = [(part, draw_posterior(part, how)) for part in parts_of(of)]
    found = evidence_ratio((of, draw_posterior(of, how)), parts)
    width = WIDE.high - WIDE.low
    ratio = np.log(width / np.sqrt(2 * np.pi * (S[0] ** 2 + S[1] ** 2))) - 0.5 * EXACT
    # What the proposal of a bridge misses of a normal density is less than 1e-4.
    assert_within(found.log_ratio, ratio, found.log_ratio_error, 1e-4)
    suspicious = 0.5 - 0.5 * EXACT
    assert_within(found.log_suspiciousness, suspicious, found.log_suspiciousness_error)
    assert_within(found.dimension, 1.0, found.dimension_error)
    assert found.log_ratio - found.log_information == pytest.approx(found.log_suspiciousness)
    assert found.p_value is not None and found.p_value < 0.01
    assert found.priors["x"] == "flat in x on [-200, 400]"


@stochastic
def test_the_evidence_of_two_modes_is_their_sum() -> None:
    """A size squared that is measured, of both signs: two equal modes."""
    of = polynomial([signal("q", flat(-20.0, 20.0))], {("q", "q"): [1.0]}, [100.0], [4.0])
    sampled = draw_posterior(of, settings())
    assert len(sampled.modes) == 2
    grid = np.linspace(-20.0, 20.0, 40_001)
    exact = np.log(np.trapezoid(np.exp(-0.5 * ((grid**2 - 100.0) / 4.0) ** 2), grid) / 40.0)
    found = evidence_of(of, sampled, normalised=["q"])
    assert_within(found.log_value, exact, found.relative_error)


@stochastic
def test_the_evidence_has_the_integrals_of_the_priors_of_nuisances() -> None:
    of = polynomial(
        [signal("x", flat(0.0, 200.0)), nuisance("e", log_normal(0.3)), nuisance("n", Prior(0.0))],
        {("x", "e"): [1.0, 0.0], ("e",): [0.0, 100.0], ("n",): [0.0, 1.0]},
        [100.0, 130.0],
        [10.0, 10.0],
    )
    x, e, n = np.meshgrid(
        np.linspace(0.0, 200.0, 101), np.geomspace(0.3, 3.0, 101), np.linspace(0, 200.0, 101),
        indexing="ij",
    )  # fmt: skip
    log = -0.5 * (((x * e - 100.0) / 10.0) ** 2 + ((100.0 * e + n - 130.0) / 10.0) ** 2)
    log -= 0.5 * (np.log(e) / 0.3) ** 2
    cell = 2.0 * np.log(10.0) / 100.0 * 2.0
    total = np.trapezoid(np.trapezoid(np.trapezoid(np.exp(log), axis=2), axis=1), axis=0) * cell
    exact = np.log(total / (200.0 * np.sqrt(2 * np.pi) * 0.3))
    found = evidence_of(of, draw_posterior(of, settings(draws=2000)), normalised=["x", "e"])
    assert_within(found.log_value, exact, found.relative_error, 2e-3)
    with pytest.raises(InputError, match="integral"):
        evidence_of(of, draw_posterior(of, settings(draws=50)), normalised=["n"])


def test_parts_and_what_is_left_are_the_combination() -> None:
    of = measurements((100.0, 112.0, 95.0), (3.0, 2.0, 4.0), WIDE, shared=0.1)
    x = np.array([103.0, 1.05])
    parts = parts_of(of)
    assert [part.experiments for part in parts] == [("a",), ("b",), ("c",)]
    bins = [part.chi2_per_bin(x) for part in parts]
    np.testing.assert_array_equal(np.concatenate(bins), of.chi2_per_bin(x))
    left = without(of, "b")
    assert left.experiments == ("a", "c")
    np.testing.assert_array_equal(left.chi2_per_bin(x), of.chi2_per_bin(x)[[0, 2]])
