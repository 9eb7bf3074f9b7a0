"""Symbols of parameters, safe to print."""

from __future__ import annotations

import re

COMMANDS = frozenset(
    {"mathrm", "langle", "rangle", "prime", "sin"}
    | {"mu", "nu", "tau", "Lambda", "Delta", "chi", "sigma", "theta", "phi", "varphi"}
)
"""Commands that occur in the symbols of parameters."""


SYMBOL = re.compile(r"(?:\\[A-Za-z]+|\\[,; ]|[A-Za-z0-9 '|(){}_^.+-])*")


def safe_symbol(latex: str, name: str) -> str:
    """Return a symbol that was read from a file, or the plain name if it could do harm.

    It goes into pictures, pages and LaTeX tables: only what the symbols of this package are
    made of is let through.
    """
    known = SYMBOL.fullmatch(latex) and set(re.findall(r"\\([A-Za-z]+)", latex)) <= COMMANDS
    depth = lowest = 0
    for letter in latex:
        depth += (letter == "{") - (letter == "}")
        lowest = min(lowest, depth)
    if latex and known and depth == lowest == 0:
        return latex
    return rf"\mathrm{{{re.sub(r'[^A-Za-z0-9]+', '-', name)}}}"
