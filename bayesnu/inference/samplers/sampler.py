"""What a sampler is: the contract that every entry of `bayesnu.inference.samplers.SAMPLERS` keeps.

Starting points, modes and their weights, repeats with smaller steps, convergence and files are the
same for every sampler; they are in `bayesnu.inference.posterior`. A sampler draws from one mode of
a posterior, without bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bayesnu.types import Array, Progress

if TYPE_CHECKING:
    import pymc as pm

    from bayesnu.inference.settings import Settings
    from bayesnu.likelihood.likelihood import Likelihood

Start = Callable[[int], Array]
"""A seed -> a starting point on the unbounded scale, near the best fit, shape (n,)."""

Snapshot = Callable[[Array, dict[str, Array]], None]
"""Takes the draws and the statistics so far, as `Drawn` has them."""


class Drawn(NamedTuple):
    """What a sampler returns."""

    draws: Array
    """On the unbounded scale, shape (chains, draws, n)."""
    statistics: dict[str, Array]
    """Each of shape (chains, draws). ``diverging`` counts as 1 where a draw tells of a region that
    the sampler cannot explore; a sampler that cannot know it leaves it out."""
    complete: bool = True
    """False if it was interrupted, and `draws` are what there was."""


class LogDensity(Protocol):
    """A log-posterior on the unbounded scale, and its maps to and from the parameters.

    Where counts are polynomials it is a `bayesnu.inference.log_posterior.LogPosterior`, whose
    compiled function can be called without Python in between.
    """

    @property
    def likelihood(self) -> Likelihood: ...

    @property
    def size(self) -> int: ...

    def function(self) -> Callable[[Array], tuple[float, Array]]:
        """Return u -> (log-posterior, gradient)."""
        ...

    def model(self) -> pm.Model:
        """Return the same density as a PyMC model."""
        ...

    def to_parameters(self, u: Array) -> Array:
        """Map unbounded coordinates to parameters, shape (..., parameters) both."""
        ...

    def to_unbounded(self, x: Array) -> Array:
        """Map parameters strictly inside their bounds to unbounded coordinates."""
        ...


class Sampler(Protocol):
    """Something that draws from a posterior."""

    name: str
    """As in ``--backend`` and in run files."""
    words: str
    """What the help says of it."""
    method: str
    """What a result says of how it was drawn."""
    library: str
    """The distribution that draws; its version is kept with the draws."""
    software: tuple[str, ...]
    """What a result has to cite: keys of models/citations.toml."""

    def draw(
        self,
        density: LogDensity,
        start: Start,
        settings: Settings,
        *,
        progress: Progress | None = None,
        snapshot: Snapshot | None = None,
    ) -> Drawn:
        """Draw `settings.draws` times in each of `settings.chains` chains, after tuning.

        The same `settings.seed` gives the same draws.

        Parameters
        ----------
        density : LogDensity
            ``density.function()`` is u -> (log-density, gradient); `density.likelihood` and its
            maps between u and the parameters are there for a sampler that needs them.
        progress : callable, optional
            Called with the fraction done and a word.
        snapshot : callable, optional
            May be called every few seconds: what a killed process has drawn is then not lost.

        Raises
        ------
        ComputationError
            If it fails; `Interrupted` on Ctrl-C before any draw can be kept.
        """
        ...
