"""Fundamental moments and the beams that see them; the code is in `bayesnu.physics.moments`."""

from bayesnu.physics.moments import *  # noqa: F403
from bayesnu.physics.moments import __all__ as __all__
