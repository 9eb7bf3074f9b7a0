"""The two ways in which a run can end badly: wrong input, or a computation that failed."""

from __future__ import annotations

from pathlib import Path


class BayesnuError(Exception):
    """Base class: everything the package raises on purpose. The text is one sentence."""

    exit_code = 1


class InputError(BayesnuError, ValueError):
    """Something the user gave is wrong; nothing has been computed.

    Parameters
    ----------
    where : str or Path
        The file or command-line option.
    key : str
        Which entry of it.
    found, expected : str
        What stands there and what should.
    """

    exit_code = 2

    def __init__(self, where: str | Path, key: str, *, found: object, expected: str) -> None:
        self.where, self.key, self.found, self.expected = str(where), key, str(found), expected
        shown = self.found if len(self.found) <= 200 else self.found[:197] + "..."
        super().__init__(f"{self.where}: {key}: found {shown}, expected {expected}.")


class ComputationError(BayesnuError, RuntimeError):
    """The input was fine, but the computation did not reach a result that can be trusted."""

    exit_code = 1


class Interrupted(ComputationError):
    """Somebody pressed Ctrl-C before there was anything to keep."""

    exit_code = 130
