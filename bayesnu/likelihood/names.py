"""Names of dimensions and observed variables, in PyMC models and in saved posteriors."""

from __future__ import annotations


def bin_dim(experiment: str) -> str:
    """Return the name of an experiment's dimension."""
    return "bin_" + experiment.replace("-", "_").replace("@", "_at_")


def counts_name(experiment: str) -> str:
    """Return the name of an experiment's observed variable."""
    return "counts_" + experiment.replace("-", "_").replace("@", "_at_")
