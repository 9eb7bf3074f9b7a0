"""The same detector with another exposure, or with backgrounds of another size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import Background
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.electron_recoil import EnergyFile
from bayesnu.experiments.format.experiment_file import ExperimentFile
from bayesnu.experiments.format.nuclear_recoil import NuclearRecoilFile

LARGEST = 1e6
"""Exposures, t yr, and factors beyond this are refused."""


def project(
    experiment: Experiment,
    exposure: float | None = None,
    scale: Mapping[str, float] | None = None,
) -> Experiment:
    """Return an experiment with another exposure or other backgrounds, and without data.

    Parameters
    ----------
    exposure : float, optional
        t yr, of all runs together. Signal and backgrounds grow with it; what is known of the
        backgrounds' norms beforehand, their relative widths, stays.
    scale : mapping, optional
        Factors on backgrounds by name; relative widths stay.

    Returns
    -------
    Experiment
        Its title says what has been changed, and its digest differs.

    Raises
    ------
    InputError
        If a name is unknown, a number out of range, or the experiment cannot be scaled.
    """
    file, factors = experiment.file, dict(scale or {})
    if not isinstance(file, EnergyFile | NuclearRecoilFile):
        raise InputError(
            experiment.path, "--exposure", found=f"channel {file.channel}", expected="recoil counts"
        )
    if exposure is not None and not 1e-9 <= exposure <= LARGEST:
        raise InputError("--exposure", "t yr", found=exposure, expected=f"1e-9 to {LARGEST:g}")
    names = [background.name for background in experiment.backgrounds]
    for name, factor in factors.items():
        if name not in names:
            raise InputError(
                "--scale", name, found="no such background", expected=" | ".join(names)
            )
        if not 0.0 <= factor <= LARGEST:
            raise InputError("--scale", name, found=factor, expected=f"0 to {LARGEST:g}")
        if any(b.subtract and name in (b.name, *b.subtract) for b in experiment.backgrounds):
            raise InputError(
                "--scale",
                name,
                found="a part of a published sum of components",
                expected="a background of its own",
            )
    if factors and experiment.sigma is not None:
        raise InputError(
            experiment.path,
            "--scale",
            found="Gaussian errors, which are those of the data",
            expected="a poisson likelihood",
        )
    grown = 1.0 if exposure is None else exposure / file.exposure
    published = experiment.standard_model
    return replace(
        experiment,
        file=_changed(file, grown, factors),
        observed=None,
        source_off=experiment.source_off and replace(experiment.source_off, observed=None),
        changed=True,
        sigma=None if experiment.sigma is None else experiment.sigma * np.sqrt(grown),
        responses=tuple(response.scaled(grown) for response in experiment.responses),
        backgrounds=tuple(
            _scaled(background, grown, factors.get(background.name, 1.0))
            for background in experiment.backgrounds
        ),
        standard_model=None if published is None else grown * published,
    )


def project_all(
    experiments: Sequence[Experiment],
    exposure: float | None = None,
    scale: Mapping[str, float] | None = None,
) -> tuple[Experiment, ...]:
    """Project experiments that are combined; each takes the factors on its own backgrounds.

    Parameters
    ----------
    exposure : float, optional
        t yr; of a single experiment only.
    scale : mapping, optional
        Factors on backgrounds by name.

    Raises
    ------
    InputError
        If a factor belongs to none of them, or an exposure is given for several.
    """
    factors = dict(scale or {})
    if exposure is not None and len(experiments) > 1:
        raise InputError(
            "--exposure",
            "experiments",
            found=f"{len(experiments)} of them",
            expected="one experiment",
        )
    own = [{b.name for b in experiment.backgrounds} for experiment in experiments]
    changed = []
    for experiment, names in zip(experiments, own, strict=True):
        # A factor that no experiment knows is given to all, and refused there.
        mine = {k: v for k, v in factors.items() if k in names or not any(k in n for n in own)}
        if exposure is not None or mine:
            experiment = project(experiment, exposure, mine)
        changed.append(experiment)
    return tuple(changed)


def _scaled(background: Background, grown: float, factor: float) -> Background:
    """Return a background with other counts; the norm of nothing is no nuisance."""
    prior = background.prior if factor > 0.0 else None
    return replace(background.scaled(factor, grown), prior=prior)


def _changed(file: ExperimentFile, grown: float, factors: Mapping[str, float]) -> ExperimentFile:
    """Return the entries of the file with the exposure changed, and the changes in its title."""
    words = [f"scaled to {file.exposure * grown:g} t yr"] if grown != 1.0 else []
    words += [f"{name} x {factor:g}" for name, factor in factors.items()]
    update: dict[str, object] = {"title": ", ".join([file.title, *words])}
    if isinstance(file, NuclearRecoilFile):
        update["runs"] = {
            name: run.model_copy(update={"exposure_t_yr": run.exposure_t_yr * grown})
            for name, run in file.runs.items()
        }
    else:
        update["exposure_t_yr"] = file.exposure * grown
        if isinstance(file, EnergyFile) and file.source_off is not None:
            longer = {"exposure_t_yr": file.source_off.exposure_t_yr * grown}
            update["source_off"] = file.source_off.model_copy(update=longer)
    return file.model_copy(update=update)
