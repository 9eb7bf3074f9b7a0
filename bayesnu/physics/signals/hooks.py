"""What a signal of one's own must not do by mistake."""

from __future__ import annotations

import difflib
from types import FunctionType

from bayesnu.errors import InputError
from bayesnu.physics.signals.base import Signal


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
