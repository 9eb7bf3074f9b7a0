"""What solar neutrinos in xenon detectors say about the neutrino's electromagnetic properties."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "available": "experiments.model_files",
    "asimov": "asimov_data",
    "load": "experiments.loading",
    "Experiment": "experiments.experiment",
    "build_likelihood": "assemble",
    "Likelihood": "likelihood",
    "build_model": "model",
    "describe": "experiments.experiment_page",
    "rates": "expected_rates",
    "sample": "inference.posterior",
    "Settings": "inference.settings",
    "profile": "inference.profile",
    "exclusion": "inference.exclusion",
    "joint_posterior": "inference.joint_posterior",
    "profile_scan": "scans",
    "contour": "inference.contour",
    "contour_scan": "scans",
    "likelihood_of": "scans",
    "sensitivity": "sensitivity_scan",
    "diagnose": "inference.diagnostics",
    "prior_effect": "prior_table",
    "reproduce": "papers.reproduction",
    "read_posterior": "inference.storage",
    "write_posterior": "inference.storage",
    "limit": "limits",
    "limit_run": "limits",
    "read_run": "saved.runs",
    "run_analysis": "run_file.runner",
    "save_run": "output.limit_files",
    "write_report": "output.report",
    "export_run": "output.export",
    "toys": "campaigns.coverage",
    "calibrate": "campaigns.calibration",
    "sensible_priors": "campaigns.calibration",
    "calibrated_limit": "campaigns.feldman_cousins",
    "run_campaign": "campaigns.runner",
    "Refit": "campaigns.refit",
    "Prior": "priors",
    "signal_by_tag": "signals",
    "AnapoleMoment": "signals",
    "ChargeRadius": "signals",
    "LightMediator": "signals",
    "MagneticMoment": "signals",
    "Millicharge": "signals",
    "StandardModel": "signals",
    "SterileDipole": "signals",
    "TransitionMoment": "signals",
    "effective_moment": "moments",
    "effective_moments": "moments.derived",
    "profile_effective_moment": "moments.beam_profile",
    "BayesnuError": "errors",
    "InputError": "errors",
    "ComputationError": "errors",
}
"""Where each public name lives; it is imported when it is first used."""

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bayesnu' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"bayesnu.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
