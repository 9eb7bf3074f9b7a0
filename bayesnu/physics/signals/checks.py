"""What is refused of a signal, of its values and of what is free."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import FunctionType

from bayesnu.errors import InputError
from bayesnu.physics.signals.base import Signal

BEYOND_REASON = 1e6
"""Values beyond this many prior ranges are refused: squares of them overflow."""


def check_hooks(model: Signal) -> None:
    """Refuse a method that nothing calls: a hook whose name is misspelt has no effect.

    Raises
    ------
    InputError
        If a public method of the signal's class overrides none of `Signal`.
    """
    hooks = [name for name, value in vars(Signal).items() if isinstance(value, FunctionType)]
    for kind in type(model).__mro__:
        if not issubclass(kind, Signal):
            continue
        for name, value in vars(kind).items():
            if isinstance(value, FunctionType) and name not in hooks and name[0] != "_":
                close = difflib.get_close_matches(name, hooks, n=1, cutoff=0.0)[0]
                raise InputError(
                    f"signal {model.tag}",
                    f"method {name}",
                    found="a name that nothing calls",
                    expected=f"{close}, perhaps; else a helper's name, which starts with _",
                )


def held_values(
    model: Signal, free: Sequence[str], fixed: Mapping[str, float], *, shapes: bool = False
) -> dict[str, float]:
    """Return every value that a fit holds: those given, and masses of zero that nobody gave.

    Parameters
    ----------
    shapes : bool
        Whether masses may be free.

    Raises
    ------
    InputError
        If a parameter is free and held, a mass is free, one is missing for which zero has no
        meaning, or an effective parameter would be added to one that it sets.
    """
    for name in free:
        meta = model.parameter(name)
        if name in fixed:
            raise InputError(
                "values", name, found=f"{fixed[name]:g} for a free parameter", expected="no value"
            )
        if meta.shape and not shapes:
            kind, plane = ("mass", ", or an exclusion plane") if model.has_couplings else (name, "")
            raise InputError(
                f"signal {model.tag}",
                name,
                found=f"a free {kind}, in which the counts are no polynomial",
                expected=f"a value that is held (--set {name}=NUMBER){plane}",
            )
    if free:
        _check_no_sum(model, [*free, *(name for name, value in fixed.items() if value != 0.0)])
    held = dict(fixed)
    for meta in model.parameters:
        if meta.shape and meta.name not in {*held, *free} and (free or fixed):
            if not meta.zero:
                raise InputError(
                    f"signal {model.tag}",
                    meta.name,
                    found="no value",
                    expected=f"one in {meta.unit}, for example --set {meta.name}=1",
                )
            held[meta.name] = 0.0
    return held


def _check_no_sum(model: Signal, names: Sequence[str]) -> None:
    """Refuse a fit in which an effective parameter is added to what it sets.

    Neither would then be what its name says: the charge of nu_e would be q_eff + q_ee.
    """
    for name in names:
        for other in names:
            both = set(model.parameter(name).sets or (name,)) & set(model.parameter(other).sets)
            if name != other and both:
                raise InputError(
                    f"signal {model.tag}",
                    name,
                    found=f"together with {other}, which sets {', '.join(sorted(both))} too",
                    expected="one of them",
                )


def check_values(model: Signal, values: Mapping[str, float]) -> None:
    """Refuse values of signal parameters that no formula is meant for.

    Raises
    ------
    InputError
        If a value is not finite, is beyond a million times the widest prior, is a negative
        size, or is below or above what has a meaning.
    """
    for name, value in values.items():
        meta = model.parameter(name)
        widest = BEYOND_REASON * meta.reach
        if not abs(value) <= widest:
            raise InputError("values", name, found=value, expected=f"within +-{widest:g}")
        if meta.one_sided and value < 0.0:
            raise InputError("values", name, found=value, expected="a size, at least 0")
        least = None if meta.zero else meta.lowest
        if least is not None and value < least:
            raise InputError("values", name, found=value, expected=f"at least {least:g}")
        if value > meta.most:
            raise InputError("values", name, found=value, expected=f"at most {meta.most:.4g}")
