"""The cut on Delta chi2 for a level."""

from __future__ import annotations

from scipy.special import gammaincinv

from bayesnu.errors import InputError


def threshold(level: float, dof: int) -> float:
    """Return the Delta chi2 cut: 2.706 for 90% and 1 dof, 4.605 for 2 dof.

    Raises
    ------
    InputError
        If the level is not inside (0, 1) or dof is not 1 or 2.
    """
    if not 0.0 < level < 1.0:
        raise InputError("--level", "level", found=f"{level:g}", expected="inside (0, 1)")
    if dof not in (1, 2):
        raise InputError("--dof", "dof", found=str(dof), expected="1 or 2")
    return float(2.0 * gammaincinv(0.5 * dof, level))
