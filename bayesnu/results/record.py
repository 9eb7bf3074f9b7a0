"""What the folder of a limit holds beside limit.json and posterior.nc: ``record.json``.

A record has everything that pictures, reports and exports need, as plain numbers and texts, so
that they are made again later without the model, the experiment files or a fit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.files.checked_json import checked, read_json
from bayesnu.results.limit import Limit
from bayesnu.types import Array, Floats

if TYPE_CHECKING:
    from bayesnu.results.expectation import Expectation


RECORD = "record.json"


@dataclass(frozen=True)
class FittedParameter:
    """A parameter of the fit.

    Attributes
    ----------
    name, role, unit, latex : str
    prior : str
        In words.
    one_sided : bool
    best_fit : float or None
        At the minimum of chi2; None where no profile was made.
    centre, sigma : float or None
        Of a Gaussian prior.
    """

    name: str
    role: str
    unit: str
    latex: str
    prior: str
    one_sided: bool
    best_fit: float | None = None
    centre: float | None = None
    sigma: float | None = None

    @property
    def pull(self) -> float | None:
        """(best fit - centre) / sigma, for a Gaussian prior."""
        if self.best_fit is None or self.centre is None or not self.sigma:
            return None
        return (self.best_fit - self.centre) / self.sigma


@dataclass(frozen=True)
class Curve:
    """A Delta chi2 curve.

    Attributes
    ----------
    parameter, unit, latex : str
    x, y : tuple of float
        Values of the parameter and Delta chi2.
    """

    parameter: str
    unit: str
    latex: str
    x: Floats
    y: Floats

    @cached_property
    def values(self) -> Array:
        """Values of the parameter."""
        return np.array(self.x)

    @cached_property
    def delta_chi2(self) -> Array:
        """Delta chi2 at the values."""
        return np.array(self.y)


@dataclass(frozen=True)
class Overlay:
    """Where the signal is in the total that is drawn over a spectrum: at its limit."""

    latex: str
    value: float
    unit: str
    level: float


@dataclass(frozen=True)
class Spectrum:
    """Data and fitted components of one experiment, as they are drawn.

    Attributes
    ----------
    experiment, title, axis : str
        `axis` says what the edges are.
    edges : tuple of float
    observed, sigma : tuple of float
        Counts and the errors that are drawn.
    components : dict of str to tuple of float
        Counts per bin at the best fit (the posterior mean where no profile was made).
    labels : dict of str to str
        Readable names of the components.
    overlay : tuple of float or None
        Total with the signal at its limit.
    overlay_at : Overlay or None
    overlay_label : str
        The same in words, in records of the first edition.
    deviance : float
        chi2 of the bins at the best fit, without pulls.
    """

    experiment: str
    title: str
    axis: str
    edges: Floats
    observed: Floats
    sigma: Floats
    components: dict[str, Floats]
    labels: dict[str, str] = field(default_factory=dict)
    overlay: Floats | None = None
    overlay_label: str = ""
    overlay_at: Overlay | None = None
    deviance: float = 0.0

    def expectation(self) -> Expectation:
        """Return the counts as `draw_components` takes them."""
        from bayesnu.results.expectation import Expectation

        return Expectation(
            self.experiment,
            np.array(self.edges),
            np.array(self.observed),
            {name: np.array(counts) for name, counts in self.components.items()},
            self.axis,
        )


@dataclass(frozen=True)
class Source:
    """A table behind an experiment: where it comes from and how far to trust it."""

    table: str
    trust: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class ExperimentFacts:
    """What an experiment is, as `bayesnu show` says it.

    Attributes
    ----------
    name, title, digest : str
    facts : dict of str to str
    sources : tuple of Source
    notes : tuple of str
        Assumptions.
    """

    name: str
    title: str
    digest: str
    facts: dict[str, str]
    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoodnessValue:
    """The p-value of the fit without a signal, from toys."""

    deviance: float
    bins: int
    pulls: float
    p_value: float
    p_value_error: float
    toys: int


@dataclass(frozen=True)
class Record:
    """Everything about a limit but the draws.

    Attributes
    ----------
    limit : Limit
    parameters : tuple of FittedParameter
    curve : Curve or None
        None where no profile was made.
    spectra : tuple of Spectrum
    experiments : tuple of ExperimentFacts
    citations : dict of str to tuple of str
        Keys by group, and ``without_entry``: sources to be cited by hand.
    settings : dict
        Of the sampler.
    command : str
    created : str
        Date and time, UTC.
    versions : dict of str to str
    asimov : bool
        Whether the data are expected counts.
    goodness : GoodnessValue or None
    """

    limit: Limit
    parameters: tuple[FittedParameter, ...]
    curve: Curve | None
    spectra: tuple[Spectrum, ...]
    experiments: tuple[ExperimentFacts, ...]
    citations: dict[str, tuple[str, ...]]
    settings: dict[str, Any]
    command: str
    created: str
    versions: dict[str, str]
    asimov: bool = False
    goodness: GoodnessValue | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "limit": self.limit.to_dict()}

    @property
    def latex(self) -> str:
        """Symbol of the parameter of interest; its name where none is saved."""
        found = self.parameter(self.limit.parameter)
        return found.latex if found is not None and found.latex else self.limit.parameter

    def parameter(self, name: str) -> FittedParameter | None:
        """Return a parameter by name, None if there is none."""
        return next((p for p in self.parameters if p.name == name), None)


def read_record(path: Path) -> Record:
    """Read a record.json.

    Raises
    ------
    InputError
        If it is none.
    """
    return checked(Record, read_json(path, "a record.json of `bayesnu limit`"), path)


def read_limit(path: Path) -> Limit:
    """Read the limit in a limit.json.

    Raises
    ------
    InputError
        If there is none.
    """
    found = read_json(path, "a limit.json of `bayesnu limit`")
    results = found.get("results") if isinstance(found, dict) else None
    if not isinstance(results, list) or not results:
        raise InputError(path, "results", found="no results", expected="a limit.json")
    return checked(Limit, results[0], path)
