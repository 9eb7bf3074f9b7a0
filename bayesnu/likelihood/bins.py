"""The bins of experiments within the stack, and the templates of each.

Most terms reach the bins of one experiment only. The products of coefficients and templates are
then small, too small for threads as well, which on a busy machine wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesnu.results.expectation import ENERGY_AXIS
from bayesnu.types import Array


@dataclass(frozen=True)
class Bins:
    """The bins of one experiment within the stack.

    Attributes
    ----------
    part : slice
        Where they stand in the stacked arrays.
    edges : ndarray, shape (bins + 1,)
        keV, or the plain bin number where bins are not in energy.
    axis : str
        What the edges are.
    control : bool
        Whether these are counts without the source, beside those of an experiment.
    """

    experiment: str
    part: slice
    edges: Array
    axis: str = ENERGY_AXIS
    control: bool = False


Own = tuple[slice, NDArray[np.intp], Array]
"""The bins of an experiment, the terms that reach them, and their counts there."""


def own_templates(templates: Array, parts: Sequence[slice]) -> tuple[Own, ...]:
    """Return the templates of the bins of each part; of all bins where there are no parts."""
    result = []
    for part in parts or [slice(None)]:
        rows = np.flatnonzero(templates[:, part].any(axis=1))
        result.append((part, rows, np.ascontiguousarray(templates[rows, part])))
    return tuple(result)
