"""Priors of signal parameters by name."""

from __future__ import annotations

from typing import Literal, get_args

from bayesnu.errors import InputError
from bayesnu.likelihood import priors
from bayesnu.likelihood.priors import Prior
from bayesnu.physics.signals.base import SignalParameter

PriorName = Literal["flat", "flat-squared", "log", "natural"]


LEAST_SHARE = 1e-6
"""Of its largest value: where the prior of a mass begins that states no lowest one."""

LOG_PRIOR_FLOOR = 1e-2
"""A log-uniform prior starts at this size in the parameter's O(1) unit; it must be stated."""


def signal_prior(parameter: SignalParameter, name: PriorName) -> Prior:
    """Return the prior of a signal parameter by its name.

    ``flat`` in [0, reach], [-reach, reach] or [lowest, reach]; ``flat-squared``: flat in x^2, and
    ``log``: flat in log x above `LOG_PRIOR_FLOOR`, both for one-sided parameters only. Angles are
    flat on the circle, and masses flat in their logarithm, whatever the name: with sizes flat in
    the square, a complex parameter is then flat in its real and imaginary parts. ``natural`` is
    that for sizes with a phase, and flat for all others.

    Raises
    ------
    InputError
        If the name is none of these, or does not suit the parameter.
    """
    if parameter.periodic:
        return priors.flat(-parameter.reach, parameter.reach)
    if parameter.shape:
        lowest = parameter.lowest or LEAST_SHARE * parameter.reach
        return Prior(low=lowest, high=parameter.reach, power=-1.0)
    low = 0.0 if parameter.one_sided else -parameter.reach
    low = low if parameter.lowest is None else parameter.lowest
    if name not in get_args(PriorName):
        expected = " | ".join(get_args(PriorName))
        where = f"parameter {parameter.name}"
        raise InputError(where, "prior", found=repr(name), expected=f"{expected} in this analysis")
    if name == "natural":
        name = "flat-squared" if parameter.one_sided and parameter.phase else "flat"
    if name == "flat":
        return priors.flat(low, parameter.reach)
    if not parameter.one_sided:
        raise InputError(
            f"parameter {parameter.name}",
            "prior",
            found=name,
            expected="flat (the parameter is no size)",
        )
    if name == "flat-squared":
        return Prior(low=0.0, high=parameter.reach, power=1.0)
    return Prior(low=LOG_PRIOR_FLOOR, high=parameter.reach, power=-1.0)
