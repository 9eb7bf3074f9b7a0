"""Impacts: of a Gaussian model they are its covariance; of limits, the limits with things held."""

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import MOMENT

from bayesnu import impacts, likelihood_of
from bayesnu.cli import main
from bayesnu.inference.bands import fit_spectra
from bayesnu.inference.impacts import (
    correlated_pairs,
    effects,
    interval_of,
    known_groups,
    nuisance_impacts,
)
from bayesnu.inference.minima import find_minima
from bayesnu.inference.profile import profile
from bayesnu.likelihood import Bins, Likelihood, Parameter
from bayesnu.likelihood.priors import flat, gaussian
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)
ROLES = ("signal", "background", "response", "flux")


def linear() -> Likelihood:
    """Counts linear in all parameters with Gaussian errors: chi2 is a quadratic form."""
    templates = np.array(
        [
            [5.0, 3.0, 2.0, 1.0, 0.5, 0.1],
            [1.0, 2.0, 3.0, 3.0, 2.0, 2.0],
            [2.0, -1.0, 0.5, 1.0, -0.5, 0.3],
            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
            [30.0, 28.0, 26.0, 24.0, 22.0, 20.0],
        ]
    )
    priors = (flat(-50.0, 50.0), gaussian(0.0, 1.0), gaussian(0.0, 1.0), flat(-30.0, 30.0))
    return Likelihood(
        parameters=tuple(
            Parameter(name, role, prior)
            for name, role, prior in zip("sbdf", ROLES, priors, strict=True)
        ),
        factors=np.array([[0], [1], [2], [3], [4]]),
        templates=templates,
        labels=tuple(("one", label) for label in "sbdfr"),
        observed=np.array([38.0, 33.0, 30.0, 25.0, 21.0, 22.0]),
        sigma=np.full(6, 2.5),
        stack=(Bins("one", slice(0, 6), np.arange(7.0)),),
    )


def covariance(of: Likelihood) -> np.ndarray:
    slopes = of.templates[: len(of.names)].T / of.sigma[:, None]
    return np.linalg.inv(slopes.T @ slopes + np.diag(of.weight))


def test_impacts_of_a_gaussian_model_are_its_covariance() -> None:
    of = linear()
    exact = covariance(of)
    sigma = np.sqrt(np.diag(exact))
    found = nuisance_impacts(of, "s", CUT)
    assert {n.name for n in found} == set("bdf")
    assert [n.impact for n in found] == sorted((n.impact for n in found), reverse=True)
    for n in found:
        i = of.index(n.name)
        assert n.error == pytest.approx(sigma[i], rel=1e-6)
        assert n.impact_up == pytest.approx(exact[0, i] / sigma[i], rel=1e-4)
        assert n.impact_down == pytest.approx(-exact[0, i] / sigma[i], rel=1e-4)
        assert n.correlation == pytest.approx(exact[0, i] / sigma[i] / sigma[0], rel=1e-6)
    groups = {n.name: n.group for n in found}
    assert groups == {"b": "background", "d": "detector", "f": "flux"}
    prior = {n.name: (n.prior_value, n.prior_error) for n in found}
    assert prior == {"b": (0.0, 1.0), "d": (0.0, 1.0), "f": (None, None)}


def test_what_is_left_without_nuisances_is_statistical() -> None:
    of = linear()
    precision = np.linalg.inv(covariance(of))
    whole = np.sqrt(covariance(of)[0, 0])
    found = {k.group: k for k in known_groups(of, "s", CUT, nuisance_impacts(of, "s", CUT))}
    assert set(found) == {"background", "detector", "flux", "all"}
    assert found["all"].change == pytest.approx(precision[0, 0] ** -0.5 / whole - 1.0, abs=1e-4)
    for name, group in (("b", "background"), ("d", "detector"), ("f", "flux")):
        kept = [i for i in range(4) if i != of.index(name)]
        left = np.sqrt(np.linalg.inv(precision[np.ix_(kept, kept)])[0, 0])
        assert found[group].change == pytest.approx(left / whole - 1.0, abs=1e-4)


def test_correlations_are_those_of_the_covariance() -> None:
    of = linear()
    exact = covariance(of)
    for a, b, value in correlated_pairs(of):
        i, j = of.index(a), of.index(b)
        assert value == pytest.approx(exact[i, j] / np.sqrt(exact[i, i] * exact[j, j]), rel=1e-6)


def test_a_nuisance_at_the_end_of_its_range_has_the_width_in_which_chi2_rises_by_one() -> None:
    # Data far above: the nuisance stops at its end.
    of = linear().with_prior("f", flat(-30.0, 0.05)).with_observed(linear().observed + 15.0)
    (n,) = [n for n in nuisance_impacts(of, "s", CUT) if n.name == "f"]
    assert n.fit == pytest.approx(0.05)
    curve = profile(of, "f", cut=1.0)
    (ends,) = curve.intervals(1.0)
    assert n.error == pytest.approx(0.05 - ends[0], rel=1e-3)


def test_impacts_on_a_limit_are_limits_with_the_nuisance_held() -> None:
    of = likelihood_of(["pandax4t-2022-er"], "magnetic-moment", ["mu_eff"])
    upper = interval_of(of, "mu_eff", CUT)[1]
    largest = nuisance_impacts(of, "mu_eff", CUT)[0]
    held = of.with_fixed({largest.name: largest.fit + largest.error})
    moved = profile(held, "mu_eff").intervals(CUT)[-1][1]
    # Ends are solved for to a few parts in 10^6.
    assert largest.impact_up == pytest.approx(moved - upper, abs=1e-4)


def test_an_effect_before_the_fit_is_that_of_a_file_which_says_so(variant, upper_limit) -> None:
    lines = '[nuisances.it]\nkind = "threshold"\nsigma = 0.1\n'
    path = variant("xenonnt-2022-er", lines, "moved")
    of = likelihood_of([path], "magnetic-moment", ["mu_eff"])
    (found,) = effects(of, "mu_eff", CUT, {"it_moved": (1.0, -1.0)}).values()
    nominal = upper_limit(["xenonnt-2022-er"])
    for shift, share in zip((0.1, -0.1), found, strict=True):
        shifted = variant("xenonnt-2022-er", f"[efficiency]\nshift_keV = {shift}\n")
        # A file that is shifted has its backgrounds sized anew, to the same events.
        assert share == pytest.approx(upper_limit([shifted]) / nominal - 1.0, abs=0.01)


def test_the_command_prints_saves_and_draws(tmp_path: Path, capsys) -> None:
    words = ["impacts", "lz-2022-er", *MOMENT]
    picture = tmp_path / "impacts.png"
    assert main([*words, "--top", "3", "--plot", str(picture)]) == 0
    text = capsys.readouterr().out
    assert picture.stat().st_size > 10_000
    assert "mu_eff in 1e-11 mu_B" in text and "statistical" in text
    rows = text.partition("nuisance  ")[2].partition("if known")[0].splitlines()[1:]
    assert len(rows) == 3
    assert main([*words, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["results"]
    wanted = {"name", "prior", "fit", "error", "impact_up", "impact_down"}
    assert all(wanted <= set(n) for n in found["nuisances"])
    assert found["of"] == "upper end"
    assert main([*words, "--top", "0"]) == 2
    assert "--top" in capsys.readouterr().err


def test_draws_say_the_same_of_a_nuisance() -> None:
    from monte_carlo import settings

    found = impacts(
        ["lz-2022-er"],
        "millicharge",
        "q_eff",
        method="both",
        settings=settings(draws=500, tune=300, chains=2),
    )
    assert all(set(n.posterior) == {"mean", "sd", "impact"} for n in found.nuisances)
    assert found.of == "best fit"
    assert "posterior" in str(found)


def test_bands_are_what_the_covariance_gives_the_counts() -> None:
    of = linear()
    (found,) = fit_spectra(of)
    bands = {band.name: band for band in found.bands}
    assert set(bands) == {"s", "b", "d", "f", "r", "total"}
    exact, x = covariance(of), find_minima(of)[0].x
    for i, name in enumerate("sbdf"):
        width = np.sqrt(exact[i, i]) * np.abs(of.templates[i])
        np.testing.assert_allclose(bands[name].fit_error, width, rtol=1e-6)
        np.testing.assert_allclose(bands[name].fit, x[i] * of.templates[i], rtol=1e-9)
    slopes = of.templates[:4].T
    total = np.sqrt(np.diag(slopes @ exact @ slopes.T))
    np.testing.assert_allclose(bands["total"].fit_error, total, rtol=1e-6)
    np.testing.assert_allclose(bands["total"].fit, of.expected(x), rtol=1e-9)
    # Before the fit the two with a prior of width one have a band.
    np.testing.assert_allclose(bands["b"].prefit_error, np.abs(of.templates[1]))
    assert not bands["f"].prefit_error.any() and not bands["r"].fit_error.any()


def test_spectra_are_written_as_tables_and_pictures(tmp_path: Path, capsys) -> None:
    words = ["impacts", "pandax4t-2022-er", *MOMENT]
    assert main([*words, "--spectra", str(tmp_path / "fit.csv")]) == 0
    assert main([*words, "--spectra", str(tmp_path / "fit.png")]) == 0
    header, *rows = (tmp_path / "fit.csv").read_text().splitlines()
    assert header.startswith("experiment,low_keV,high_keV,observed,component,prefit,prefit_error")
    of = likelihood_of(["pandax4t-2022-er"], "magnetic-moment", ["mu_eff"])
    components = {label for _, label in of.labels} | {"total"}
    assert len(rows) == len(components) * len(of.observed)
    assert (tmp_path / "fit.png").stat().st_size > 10_000
    assert main([*words, "--spectra", str(tmp_path / "fit.doc")]) == 2
