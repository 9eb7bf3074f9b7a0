"""Types that are used everywhere."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
Floats = tuple[float, ...]

Interval = tuple[float | None, float | None]
"""Lower and upper end; None where the statement has no limit on that side."""

Progress = Callable[[float, str], None]
"""Called with the fraction done and a word."""
