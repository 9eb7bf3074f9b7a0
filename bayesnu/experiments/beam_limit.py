"""Experiments given as a limit on the effective moment of a beam: one Gaussian bin in mu^2."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.special import gammaincinv

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.files.tables import Table
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS
from bayesnu.physics.moments.beams import Beam, as_made, beam_by_name, solar
from bayesnu.physics.source import flux_by_state
from bayesnu.physics.sources.sun.oscillation import DEFAULT_PARAMETERS, OscillationParameters
from bayesnu.physics.sources.table import TableSource

TERM = "mu_squared"
"""Name of the only component: the effective moment squared, in (1e-11 mu_B)^2."""


def read_effective_moment(
    path: Path, file: EffectiveMomentFile, flux_tables: Mapping[str, Table]
) -> Experiment:
    """Return an experiment of one Gaussian bin, whose expectation is mu^2 of the beam.

    The recoil rate is linear in mu^2, so a measurement of it is taken to be Gaussian, centred
    at zero, with Delta chi2 = (mu^2 / sigma)^2 equal to the cut of the stated level at the
    published limit. This is derived from a published limit: where the true best fit was not
    zero, the shape is another one.

    Parameters
    ----------
    flux_tables : mapping of str to Table
        Those of the source.

    Returns
    -------
    Experiment
        Observed zero; sigma = limit^2 / sqrt(2.706) for a level of 90%.

    Raises
    ------
    InputError
        If the limit belongs to a flavour that the source has not.
    """
    cut = 2.0 * float(gammaincinv(0.5, file.level))
    # The flavours of the other sources are those of their decays, whatever the spectra.
    own = tuple(flux_tables.values()) if isinstance(file.source, TableSource) else ()
    experiment = Experiment(
        name=path.stem,
        path=path,
        file=file,
        edges=np.array([0.0, 1.0]),
        observed=np.zeros(1),
        sigma=np.array([file.upper_limit_1e11_mu_B**2 / cut**0.5]),
        responses=(),
        backgrounds=(),
        tables=own,
        flux_tables=dict(flux_tables),
    )
    beam_of(experiment)  # refuses flavours that are not there
    return experiment


def beam_of(experiment: Experiment, parameters: OscillationParameters = DEFAULT_PARAMETERS) -> Beam:
    """Return the neutrinos that a limit belongs to: those of the source that the file names.

    Parameters
    ----------
    parameters : OscillationParameters
        Only the sun's depend on them.
    """
    file = experiment.file
    assert isinstance(file, EffectiveMomentFile)
    if file.beam is not None:
        return beam_by_name(file.beam, parameters)
    if experiment.sees_sun:
        return solar(parameters)
    found = flux_by_state(experiment.source(), "flavour")
    chosen: tuple[str, ...] = file.flavours or tuple(found)
    for flavour in chosen:
        if flavour not in found:
            raise InputError(
                experiment.path, "flavours", found=repr(flavour), expected=" | ".join(found)
            )
    flux = {flavour: found[flavour] for flavour in chosen}
    one = sum(flux.values()) if file.normalised else max(flux.values())
    weights = {flavour: value / one for flavour, value in flux.items()}
    kind = file.source.kind
    title = f"{_in_words(chosen)} ({kind})"
    return as_made(kind, title, weights, file.coherent)


def _in_words(flavours: tuple[str, ...]) -> str:
    names = [f"anti-nu_{ANTINEUTRINOS[f]}" if f in ANTINEUTRINOS else f"nu_{f}" for f in flavours]
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
