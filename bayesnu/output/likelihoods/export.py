"""Write a likelihood for others."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import cast

from bayesnu.errors import InputError
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.output.likelihoods.formats import LIKELIHOODS


def export_likelihood(likelihood: Likelihood, kind: str, folder: str | Path) -> list[Path]:
    """Write a likelihood in one format, and return the files.

    Parameters
    ----------
    kind : str
        ``pyhf``, ``hs3``, ``npz`` or ``json``.

    Raises
    ------
    InputError
        If the format is unknown, the counts are no polynomial, or the format cannot say what the
        likelihood has.
    """
    if kind not in LIKELIHOODS:
        raise InputError("--format", "format", found=repr(kind), expected=" | ".join(LIKELIHOODS))
    module = importlib.import_module(LIKELIHOODS[kind])
    return cast(list[Path], module.write(likelihood.polynomial(), kind, Path(folder)))
