"""Threshold, efficiency, scale and atomic theory of the projections act, and as they should."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import xlogy

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.question import likelihood_of
from bayesnu.analyses.rates import rates
from bayesnu.experiments.loading import load
from bayesnu.inference.profile import profile
from bayesnu.likelihood.threshold import threshold

NAME, PAPER = "darwin-30ty", "giunti-ternes-2023"
CUT = threshold(0.9, 1)
KNOWN = 'prior = { type = "fixed" }\n'


def limit(path: str | Path, signal: str, *free: str) -> tuple[float | None, float | None]:
    """Return the last interval of the first of some free parameters, of Asimov data."""
    (data,) = asimov([path], signal).items()
    likelihood = likelihood_of([path], signal, list(free), observed=dict([data]))
    return profile(likelihood, free[0], cut=CUT).intervals(CUT)[-1]


def test_the_own_projections_have_them_and_those_of_the_paper_do_not() -> None:
    kinds = {"threshold", "efficiency", "energy-scale", "atomic"}
    for scenario in (NAME, "darwin-300ty", "darwin-300ty-depleted"):
        own = load(scenario).nuisances.values()
        assert {entry.kind for entry in own} == kinds
        assert all(entry.source.startswith("assumption") for entry in own)
        assert not load(f"{scenario}@{PAPER}").nuisances


def test_a_projection_is_weaker_with_them_than_without(tmp_path: Path) -> None:
    """2.97 without, and 3.18e-12 mu_B with them; r2_ee as wide as both sides of it add up."""
    without = tmp_path / "without.toml"
    without.write_text(f'extends = "{NAME}"\nreplaces = ["nuisances"]\n', encoding="utf-8")
    known, own = (limit(path, "magnetic-moment", "mu_eff")[1] for path in (without, NAME))
    print(f"mu_eff {known:.4f} without, {own:.4f} with the nuisances")
    assert 1.03 * known < own < 1.2 * known
    known, own = (limit(path, "charge-radius", "r2_ee")[1] for path in (without, NAME))
    print(f"r2_ee {known:.3f} without, {own:.3f} with the nuisances")
    assert own > known + 0.3


def test_threshold_and_atomic_theory_do_what_a_minimiser_of_counts_finds(tmp_path: Path) -> None:
    """All else known: chi2 of counts from six files, minimal in both, with SciPy."""
    file = load(NAME).file
    flux = ", ".join(f"{component} = 0.0" for component in file.neutrinos.components)
    known = f'extends = "{NAME}"\nreplaces = ["nuisances"]\n'
    known += "".join(f"[backgrounds.{name}]\n{KNOWN}" for name in file.backgrounds)
    known += "[neutrinos.oscillation]\nnuisances = false\n"
    both = (
        f'[nuisances.threshold]\nkind = "threshold"\nsigma = {file.nuisances["threshold"].sigma}\n'
    )
    both += '[nuisances.atomic]\nkind = "atomic"\nprior = "flat"\n'
    path = tmp_path / "both.toml"
    path.write_text(f"{known}{both}[neutrinos]\nflux_sigma = {{ {flux} }}\n", encoding="utf-8")

    def counts(theory: str, t: float, mu: float) -> np.ndarray:
        other = tmp_path / f"{theory}{t:g}.toml"
        shift = t * file.nuisances["threshold"].sigma
        other.write_text(
            f'{known}[efficiency]\nshift_keV = {shift}\n[neutrinos]\natomic = "{theory}"\n',
            encoding="utf-8",
        )
        return rates(load(other), "magnetic-moment", {"mu_eff": mu}).total

    shifts = (-1.0, 0.0, 1.0)
    plain = np.array([[counts(theory, t, 0.0) for t in shifts] for theory in ("fea", "rrpa")])
    moment = np.array([counts("fea", t, 1.0) for t in shifts]) - plain[0]
    observed = plain[0, 1]

    def chi2(at: np.ndarray, mu: float) -> float:
        share, t = at
        bend = t * t if abs(t) < 1.0 else 2.0 * abs(t) - 1.0
        weights = np.array([0.5 * (bend - t), 1.0 - bend, 0.5 * (bend + t)])
        expected = weights @ ((1.0 - share) * plain[0] + share * plain[1] + mu**2 * moment)
        deviance = expected - observed + xlogy(observed, observed / expected)
        return float(2.0 * deviance.sum() + t * t)

    def smallest(mu: float) -> float:
        found = minimize(
            chi2, [0.1, 0.1], args=(mu,), bounds=[(0, 1), (-5, 5)], options={"ftol": 1e-13}
        )
        return float(found.fun)

    expected = brentq(lambda mu: smallest(mu) - CUT, 0.1, 1.0, xtol=1e-6)
    alone = brentq(lambda mu: chi2(np.zeros(2), mu) - CUT, 0.1, 1.0, xtol=1e-6)
    print(f"mu_eff < {expected:.5f}, without the two {alone:.5f}")
    assert limit(path, "magnetic-moment", "mu_eff")[1] == pytest.approx(expected, rel=2e-4)
    assert expected > 1.02 * alone
