"""Templates experiment by experiment: most terms reach the bins of one only.

The products of coefficients and templates are then small, too small for threads as well, which
on a busy machine wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bayesnu.types import Array

Own = tuple[slice, NDArray[np.intp], Array]
"""The bins of an experiment, the terms that reach them, and their counts there."""


def own_templates(templates: Array, parts: Sequence[slice]) -> tuple[Own, ...]:
    """Return the templates of the bins of each part; of all bins where there are no parts."""
    result = []
    for part in parts or [slice(None)]:
        rows = np.flatnonzero(templates[:, part].any(axis=1))
        result.append((part, rows, np.ascontiguousarray(templates[rows, part])))
    return tuple(result)
