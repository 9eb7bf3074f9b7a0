"""What solar neutrinos in xenon detectors say about the neutrino's electromagnetic properties."""

from __future__ import annotations

TYPE_CHECKING = False  # importing `typing` takes longer than all of this
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "archive": "run_file.archive",
    "available": "experiments.model_files",
    "asimov": "analyses.asimov",
    "load": "experiments.loading",
    "Experiment": "experiments.experiment",
    "build_likelihood": "model.build",
    "Likelihood": "likelihood.likelihood",
    "build_model": "analyses.pymc_model",
    "describe": "analyses.description",
    "rates": "analyses.rates",
    "sample": "inference.posterior",
    "Settings": "inference.settings",
    "profile": "inference.profile",
    "exclusion": "analyses.exclusion",
    "joint_posterior": "analyses.joint_posterior",
    "profile_scan": "analyses.scans",
    "contour": "inference.contour",
    "contour_scan": "analyses.scans",
    "likelihood_of": "analyses.question",
    "look_elsewhere": "analyses.look_elsewhere",
    "Question": "analyses.question",
    "sensitivity": "analyses.sensitivity",
    "diagnose": "inference.diagnostics",
    "prior_effect": "analyses.prior_effect",
    "compare": "analyses.compare",
    "impacts": "analyses.impacts",
    "reproduce": "papers.reproduction",
    "read_posterior": "inference.storage",
    "write_posterior": "inference.storage",
    "limit": "analyses.limit",
    "limit_run": "analyses.limit",
    "read_run": "saved.runs",
    "run_analysis": "run_file.runner",
    "save_run": "output.limit_files",
    "write_report": "output.report.page",
    "export_run": "output.tables.export",
    "export_likelihood": "output.likelihoods.export",
    "joint_likelihood": "likelihood.joint",
    "linearised": "likelihood.linear",
    "read_pyhf": "likelihood.workspace",
    "toys": "campaigns.coverage",
    "calibrate": "campaigns.calibration",
    "sensible_priors": "campaigns.calibration",
    "calibrated_limit": "analyses.feldman_cousins",
    "run_campaign": "campaigns.runner",
    "Refit": "campaigns.refit",
    "Prior": "likelihood.priors",
    "signal_by_tag": "physics.signals",
    "AnapoleMoment": "physics.signals",
    "ChargeRadius": "physics.signals",
    "LightMediator": "physics.signals",
    "MagneticMoment": "physics.signals",
    "Millicharge": "physics.signals",
    "StandardModel": "physics.signals",
    "SterileDipole": "physics.signals",
    "TransitionMoment": "physics.signals",
    "effective_moment": "physics.moments",
    "effective_moments": "analyses.beams.derived",
    "profile_effective_moment": "analyses.beams.profile",
    "BayesnuError": "errors",
    "InputError": "errors",
    "ComputationError": "errors",
}
"""Where each public name lives; it is imported when it is first used."""

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bayesnu' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"bayesnu.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
