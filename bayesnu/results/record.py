"""What the folder of a limit holds beside limit.json and posterior.nc: ``record.json``.

A record has everything that pictures, reports and exports need, as plain numbers and texts, so
that they are made again later without the model, the experiment files or a fit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bayesnu.results.curve import Profile
from bayesnu.results.description import Description
from bayesnu.results.expectation import Expectation
from bayesnu.results.goodness import GoodnessOfFit
from bayesnu.results.impacts import Impacts
from bayesnu.results.limit import Limit
from bayesnu.types import SavedArray

RECORD = "record.json"


@dataclass(frozen=True)
class FittedParameter:
    """A parameter of the fit."""

    name: str
    role: str
    unit: str
    latex: str
    prior: str
    """In words."""
    one_sided: bool
    best_fit: float | None = None
    """At the minimum of chi2; None where no profile was made."""
    centre: float | None = None
    """Of a Gaussian prior, as `sigma`."""
    sigma: float | None = None

    @property
    def pull(self) -> float | None:
        """(best fit - centre) / sigma, for a Gaussian prior."""
        if self.best_fit is None or self.centre is None or not self.sigma:
            return None
        return (self.best_fit - self.centre) / self.sigma


@dataclass(frozen=True)
class Overlay:
    """Where the signal is in the total that is drawn over a spectrum: at its limit."""

    latex: str
    value: float
    unit: str
    level: float


@dataclass(frozen=True, eq=False)
class Spectrum(Expectation):
    """Data and fitted components of one experiment, as they are drawn.

    The components are at the best fit (the posterior mean where no profile was made).
    """

    title: str = ""
    sigma: SavedArray | None = None
    """Shape (bins,). The errors that are drawn."""
    labels: dict[str, str] = field(default_factory=dict)
    """Readable names of the components."""
    overlay: SavedArray | None = None
    """Shape (bins,). Total with the signal at its limit."""
    overlay_label: str = ""
    """The same in words, in records of the first edition."""
    overlay_at: Overlay | None = None
    deviance: float = 0.0
    """chi2 of the bins at the best fit, without pulls."""


@dataclass(frozen=True)
class Record:
    """Everything about a limit but the draws."""

    limit: Limit
    parameters: tuple[FittedParameter, ...]
    curve: Profile | None
    """None where no profile was made."""
    spectra: tuple[Spectrum, ...]
    experiments: tuple[Description, ...]
    citations: dict[str, tuple[str, ...]]
    """Keys by group, and ``without_entry``: sources to be cited by hand."""
    settings: dict[str, Any]
    """Of the sampler."""
    command: str
    created: str
    """Date and time, UTC."""
    versions: dict[str, str]
    asimov: bool = False
    """Whether the data are expected counts."""
    goodness: GoodnessOfFit | None = None
    impacts: Impacts | None = None
    """Without spectra; None where they were not asked for."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        curve = None if self.curve is None else self.curve.to_dict()
        plain = asdict(replace(self, curve=None))
        return {**plain, "limit": self.limit.to_dict(), "curve": curve}

    @property
    def latex(self) -> str:
        """Symbol of the parameter of interest; its name where none is saved."""
        found = self.parameter(self.limit.parameter)
        return found.latex if found is not None and found.latex else self.limit.parameter

    def parameter(self, name: str) -> FittedParameter | None:
        """Return a parameter by name, None if there is none."""
        return next((p for p in self.parameters if p.name == name), None)
