"""The public names: whoever removes or adds one says so here, and in the changelog."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bayesnu

PUBLIC = [
    "__version__",
    "AnapoleMoment",
    "BayesnuError",
    "ChargeRadius",
    "ComputationError",
    "Experiment",
    "InputError",
    "LightMediator",
    "Likelihood",
    "MagneticMoment",
    "Millicharge",
    "Prior",
    "Question",
    "Refit",
    "Settings",
    "StandardModel",
    "SterileDipole",
    "TransitionMoment",
    "archive",
    "asimov",
    "available",
    "build_likelihood",
    "build_model",
    "calibrate",
    "calibrated_limit",
    "compare",
    "contour",
    "contour_scan",
    "describe",
    "diagnose",
    "effective_moment",
    "effective_moments",
    "exclusion",
    "export_likelihood",
    "export_run",
    "impacts",
    "joint_likelihood",
    "joint_posterior",
    "likelihood_of",
    "limit",
    "limit_run",
    "linearised",
    "load",
    "look_elsewhere",
    "prior_effect",
    "profile",
    "profile_effective_moment",
    "profile_scan",
    "rates",
    "read_posterior",
    "read_pyhf",
    "read_run",
    "reproduce",
    "run_analysis",
    "run_campaign",
    "sample",
    "save_run",
    "sensible_priors",
    "sensitivity",
    "signal_by_tag",
    "toys",
    "write_posterior",
    "write_report",
]


def test_these_are_the_public_names() -> None:
    assert sorted(PUBLIC) == sorted(bayesnu.__all__)
    assert set(PUBLIC) <= set(dir(bayesnu))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_can_be_imported_and_says_what_it_is(name: str) -> None:
    value = getattr(bayesnu, name)
    assert name == "__version__" or (value.__doc__ or "").strip()


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'mu_eff'"):
        _ = bayesnu.mu_eff


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, bayesnu; print([m for m in ('numpy', 'pymc', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
