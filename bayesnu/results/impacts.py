"""What each nuisance does to a limit, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bayesnu.results.held import held_text
from bayesnu.results.interval_text import intervals_text
from bayesnu.results.spectra import FitSpectra
from bayesnu.types import Interval

GROUPS = {
    "flux": "flux",
    "oscillation": "flux",
    "background": "background",
    "response": "detector",
}
"""Roles of parameters -> what they are counted with in a breakdown."""


@dataclass(frozen=True)
class NuisanceImpact:
    """A nuisance before and after the fit, and what it does to the parameter of interest.

    Attributes
    ----------
    group : {"flux", "background", "detector"}
    prior : str
        In words.
    prior_value, prior_error : float or None
        Centre and width; None where the prior has none.
    fit, error : float
        At the best fit of all parameters, from the curvature there.
    impact_up, impact_down : float
        Change of what `Impacts.of` says, all else fitted again, with this one held at
        fit + error and fit - error; in the unit of the parameter of interest; None where there is
        no end.
    correlation : float or None
        With the parameter of interest at the best fit; None where that is at an end of its range.
    posterior : dict of str to float
        Mean, standard deviation, and impact on the parameter of interest by linear regression of
        the draws; empty where nothing was sampled.
    """

    name: str
    group: str
    prior: str
    prior_value: float | None
    prior_error: float | None
    fit: float
    error: float
    impact_up: float | None
    impact_down: float | None
    correlation: float | None = None
    posterior: dict[str, float] = field(default_factory=dict)

    @property
    def impact(self) -> float:
        """The larger of the two impacts."""
        return max(abs(self.impact_up or 0.0), abs(self.impact_down or 0.0))

    @property
    def pull(self) -> float | None:
        """(fit - prior) / prior width."""
        if self.prior_error is None or self.prior_value is None:
            return None
        return (self.fit - self.prior_value) / self.prior_error

    @property
    def constraint(self) -> float | None:
        """Width after the fit over that before: 1 means that the data say nothing."""
        return None if self.prior_error is None else self.error / self.prior_error

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "pull": self.pull, "constraint": self.constraint}


@dataclass(frozen=True)
class Known:
    """The interval if a group of nuisances were known exactly, at their best fit.

    Attributes
    ----------
    change : float
        Of the upper end, or of the width of an interval with two ends, as a share of it.
    """

    group: str
    interval: Interval
    change: float | None


@dataclass(frozen=True)
class Impacts:
    """What nuisances do to a limit.

    Attributes
    ----------
    of : {"upper end", "best fit"}
        What impacts are changes of: the limit of a size, the best value of other parameters.
    interval : Interval
        Below the cut on Delta chi2, the piece that holds the best fit.
    nuisances : tuple of NuisanceImpact
        The largest first.
    known : tuple of Known
        Every group that there is, and "all": what is left is statistical.
    correlated : tuple of (str, str, float)
        Pairs of parameters whose correlation at the best fit is beyond 0.3, the largest first.
    spectra : tuple of FitSpectra
        Of every experiment, before and after the fit.
    """

    experiments: tuple[str, ...]
    signal: str
    parameter: str
    unit: str
    latex: str
    level: float
    threshold: float
    best_fit: float
    interval: Interval
    of: str
    nuisances: tuple[NuisanceImpact, ...]
    known: tuple[Known, ...]
    correlated: tuple[tuple[str, str, float], ...]
    spectra: tuple[FitSpectra, ...] = ()
    fixed: dict[str, float] = field(default_factory=dict)
    fixed_units: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, as ``bayesnu impacts --json`` prints it."""
        plain = asdict(replace(self, nuisances=(), spectra=()))
        return {
            **plain,
            "nuisances": [n.to_dict() for n in self.nuisances],
            "spectra": [spectrum.to_dict() for spectrum in self.spectra],
        }

    def __str__(self) -> str:
        names = " + ".join(self.experiments)
        held = held_text(self.fixed, self.fixed_units)
        lines = [
            f"{self.parameter} in {self.unit}, {self.level:.0%}, {names}, {self.signal}{held}: "
            f"{intervals_text((self.interval,))}, best fit {self.best_fit:.4g}",
            f"impact: change of the {self.of} [{self.unit}] with a nuisance one width up or down, "
            "all else fitted again",
            f"{'nuisance':<38}{'fit':>9}{'+-':>9}{'pull':>7}{'constr.':>9}{'up':>9}{'down':>9}"
            + (f"{'posterior':>11}" if self._sampled else ""),
        ]
        for n in self.nuisances:
            pull = "-" if n.pull is None else f"{n.pull:+.2f}"
            narrow = "-" if n.constraint is None else f"{n.constraint:.2f}"
            line = f"{n.name:<38}{n.fit:>9.4g}{n.error:>9.3g}{pull:>7}{narrow:>9}"
            for moved in (n.impact_up, n.impact_down):
                line += f"{'-':>9}" if moved is None else f"{moved:>+9.2g}"
            if self._sampled:
                line += f"{n.posterior.get('impact', float('nan')):>+11.2g}"
            lines.append(line)
        lines.append(f"if known exactly, {self.parameter} in {self.unit}")
        for known in self.known:
            what = "all nuisances (statistical)" if known.group == "all" else known.group
            change = "" if known.change is None else f"{known.change:+.1%}"
            lines.append(f"  {what:<30}{intervals_text((known.interval,)):<24}{change}".rstrip())
        if self.correlated:
            lines.append("correlations at the best fit")
            lines += [f"  {a}, {b}: {value:+.2f}" for a, b, value in self.correlated]
        return "\n".join(lines)

    @property
    def _sampled(self) -> bool:
        return any(n.posterior for n in self.nuisances)
