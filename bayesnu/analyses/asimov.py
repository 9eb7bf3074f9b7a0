"""Asimov data: the expected counts, taken as if they had been observed."""

from __future__ import annotations

from collections.abc import Mapping

from bayesnu.analyses.question import Experiments, as_experiments
from bayesnu.analyses.rates import expected_without_source, rates
from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.physics.signals import Signal, signal_for
from bayesnu.physics.signals.charge_radius import ChargeRadius, standard_model_values
from bayesnu.types import Array


def asimov(
    experiments: Experiments,
    signal: str | Signal | None = None,
    values: Mapping[str, float] | None = None,
) -> dict[str, Array]:
    """Return the expected counts of experiments, to be given as ``observed``.

    Parameters
    ----------
    signal : str or Signal, optional
        That is true; pass the signal that is fitted too where the truth is the Standard Model,
        because its charge radii are part of the data only where radii are fitted.
    values : mapping, optional
        True values of the signal's parameters in their O(1) units, and of nuisances; those not
        named are zero, or the Standard Model's (see `true_values`), and at their expectation.

    Returns
    -------
    dict of str to ndarray, shape (bins,)
        Counts by experiment, not rounded.

    Raises
    ------
    InputError
        If a name is unknown to all experiments, or a value is out of range.
    """
    loaded = as_experiments(experiments)
    given = dict(values or {})
    if isinstance(signal, str):
        signal = signal_for(signal, (experiment.recoils for experiment in loaded))
    result: dict[str, Array] = {}
    unknown: dict[str, InputError] = {}
    for experiment in loaded:
        known, missing = _sort(experiment, signal, true_values(experiment, signal, given))
        unknown = missing if not result else {n: e for n, e in missing.items() if n in unknown}
        result[experiment.name] = rates(experiment, signal, known).total
        if experiment.source_off is not None:
            own = {p.name for p in signal.parameters} if signal is not None else set()
            nuisances = {name: value for name, value in known.items() if name not in own}
            off = expected_without_source(experiment, nuisances)
            result[experiment.source_off.name] = off
    for error in unknown.values():
        raise error
    return result


def true_values(
    experiment: Experiment, signal: str | Signal | None, values: Mapping[str, float]
) -> dict[str, float]:
    """Return the true values of parameters, those that are true without being named included.

    A file with ``standard_model_radii`` has the Standard-Model charge radii in its data
    (giunti-ternes-2023 Eq. 10-13, on top of couplings at tree level) where charge radii are
    fitted. In fits of other signals they would stand in data and model alike and are left out
    of both.
    """
    tag = signal if isinstance(signal, str) else getattr(signal, "tag", None)
    if experiment.file.standard_model_radii and tag == ChargeRadius.tag:
        return standard_model_values() | dict(values)
    return dict(values)


def _sort(
    experiment: Experiment, model: Signal | None, values: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, InputError]]:
    """Split values into those an experiment knows, and errors for the others.

    A nuisance of one experiment of a combination means nothing to the others.
    """
    own = {parameter.name for parameter in model.parameters} if model is not None else set()
    known = {name: value for name, value in values.items() if name in own}
    missing: dict[str, InputError] = {}
    for name in values:
        if name in own:
            continue
        try:
            rates(experiment, None, {name: values[name]})
        except InputError as error:
            missing[name] = error
        else:
            known[name] = values[name]
    return known, missing
