"""Symbols of parameters, safe to print."""

from __future__ import annotations

import re
from functools import lru_cache

COMMANDS = frozenset(
    {"mathrm", "langle", "rangle", "prime", "sin"}
    | {"mu", "nu", "tau", "Lambda", "Delta", "chi", "sigma", "theta", "phi", "varphi"}
)
"""Commands that occur in the symbols of parameters."""

LONGEST = 200
"""Letters of a symbol."""

SYMBOL = re.compile(r"(?:\\[A-Za-z]+|\\[,; ]|[A-Za-z0-9 '|(){}_^.+-])*")


def safe_symbol(latex: str, name: str) -> str:
    """Return a symbol that was read from a file, or the plain name if it could do harm.

    It goes into pictures, pages and LaTeX tables: only signs that do nothing there, and commands
    that matplotlib can draw, are let through. What reads files or runs programs is none of them.
    """
    known = len(latex) <= LONGEST and SYMBOL.fullmatch(latex) is not None and drawable(latex)
    depth = lowest = 0
    for letter in latex:
        depth += (letter == "{") - (letter == "}")
        lowest = min(lowest, depth)
    if latex and known and depth == lowest == 0:
        return latex
    return rf"\mathrm{{{re.sub(r'[^A-Za-z0-9]+', '-', name)}}}"


@lru_cache(maxsize=256)
def drawable(latex: str) -> bool:
    """Return whether matplotlib's mathematics understands a symbol."""
    if set(re.findall(r"\\([A-Za-z]+)", latex)) <= COMMANDS:
        return True  # those of this package, without a slow import
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("path").parse(f"${latex}$")
    except (ValueError, RuntimeError, RecursionError):
        return False
    return True
