"""Expected counts per bin and component at given parameter values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bayesnu.assemble import build_likelihood
from bayesnu.errors import InputError
from bayesnu.experiment import Experiment, load
from bayesnu.likelihood import ENERGY_AXIS, Likelihood
from bayesnu.signals import Signal, StandardModel, signal_by_tag

Array = NDArray[np.float64]

BEYOND_REASON = 1e6
"""Values beyond this many prior ranges are refused: squares of them overflow."""


@dataclass(frozen=True)
class Expectation:
    """Expected counts of one experiment.

    Attributes
    ----------
    experiment : str
    edges : ndarray, shape (bins + 1,)
        keV, or plain bin numbers.
    observed : ndarray, shape (bins,) or None
    components : dict of str to ndarray, shape (bins,)
        Backgrounds and ``solar_nu``, the latter with the signal.
    axis : str
        What the edges are, "bin number" where bins are not in energy.
    """

    experiment: str
    edges: Array
    observed: Array | None
    components: dict[str, Array]
    axis: str = ENERGY_AXIS

    @property
    def in_energy(self) -> bool:
        """Whether the bins are bins of energy."""
        return self.axis == ENERGY_AXIS

    @property
    def total(self) -> Array:
        """Counts per bin of all components, shape (bins,)."""
        return np.asarray(np.sum(list(self.components.values()), axis=0))

    @property
    def totals(self) -> dict[str, float]:
        """Events by component."""
        return {name: float(counts.sum()) for name, counts in self.components.items()}

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values, as ``bayesnu rates --json`` prints it."""
        return {
            "experiment": self.experiment,
            "axis": self.axis,
            "bins": np.stack([self.edges[:-1], self.edges[1:]], axis=-1).tolist(),
            "components": {name: counts.tolist() for name, counts in self.components.items()},
            "totals": self.totals,
            "observed": None if self.observed is None else self.observed.tolist(),
        }

    def __str__(self) -> str:
        names = list(self.components)
        head = [
            ("bin [keV]" if self.in_energy else "bin").rjust(16),
            *(name.rjust(max(9, len(name))) for name in names),
        ]
        head += ["total".rjust(9), "observed".rjust(9)]
        lines = [self.experiment, " ".join(head)]
        observed = self.observed if self.observed is not None else np.full(len(self.total), np.nan)

        def line(label: str, values: Sequence[float], total: float, seen: float) -> str:
            cells = [
                f"{value:{max(9, len(name))}.3f}" for name, value in zip(names, values, strict=True)
            ]
            last = " " * 8 + "-" if np.isnan(seen) else f"{seen:9.0f}"
            return " ".join([label.rjust(16), *cells, f"{total:9.3f}", last])

        for index in range(len(self.total)):
            low, high = self.edges[index], self.edges[index + 1]
            label = f"{low:.4g} - {high:.4g}" if self.in_energy else f"{high:.0f}"
            values = [float(self.components[name][index]) for name in names]
            lines.append(line(label, values, float(self.total[index]), float(observed[index])))
        lines.append(
            line("all", list(self.totals.values()), float(self.total.sum()), float(observed.sum()))
        )
        return "\n".join(lines)


def rates(
    experiment: str | Path | Experiment,
    signal: str | Signal | None = None,
    values: Mapping[str, float] | None = None,
) -> Expectation:
    """Return the expected counts of an experiment.

    Parameters
    ----------
    experiment : str, Path or Experiment
    signal : str or Signal, optional
        Default: the Standard Model.
    values : mapping, optional
        Parameters of the signal in their O(1) units, and nuisances by name (norms are 1 at
        their expectation).

    Raises
    ------
    InputError
        If a name is unknown or a value is out of range.
    """
    loaded = experiment if isinstance(experiment, Experiment) else load(experiment)
    model: Signal = StandardModel()
    if isinstance(signal, str):
        model = signal_by_tag(signal, loaded.file.channel)
    elif signal is not None:
        model = signal
    given = dict(values or {})
    own = {p.name for p in model.parameters}
    physics = {name: value for name, value in given.items() if name in own}
    check_values(model, physics)
    nuisances = {name: value for name, value in given.items() if name not in own}
    data = None if loaded.observed is not None else {loaded.name: np.zeros(loaded.bins)}
    likelihood = build_likelihood([loaded], model, [], fixed=physics, observed=data)
    for name in nuisances:
        if name not in likelihood.names:
            known = [parameter.name for parameter in model.parameters] + list(likelihood.names)
            raise InputError(
                "values", name, found="an unknown name", expected=" | ".join(known) or "none"
            )
    return expectation_at(likelihood, loaded, nominal_point(likelihood, nuisances))


def check_values(model: Signal, values: Mapping[str, float]) -> None:
    """Refuse values of signal parameters that no formula is meant for.

    Raises
    ------
    InputError
        If a value is not finite, or is beyond a million times the widest prior.
    """
    for name, value in values.items():
        widest = BEYOND_REASON * model.parameter(name).reach
        if not abs(value) <= widest:
            raise InputError("values", name, found=value, expected=f"within +-{widest:g}")


def nominal_point(likelihood: Likelihood, values: Mapping[str, float]) -> Array:
    """Return the point of expectation: norms 1, pulls 0, with some values changed.

    Raises
    ------
    InputError
        If a name is unknown, or a norm is negative or not finite.
    """
    x = likelihood.start.copy()
    for index, parameter in enumerate(likelihood.parameters):
        prior = parameter.prior
        if parameter.role != "signal" and not prior.is_gaussian:
            # The middle of a flat range is no expectation: sizes are relative to it.
            x[index] = np.clip(1.0, prior.low, prior.high)
    for name, value in values.items():
        index = likelihood.index(name)
        if likelihood.low[index] >= 0.0 > value or not np.isfinite(value):
            raise InputError("values", name, found=value, expected="a norm, at least 0")
        x[index] = value
    return x


def expectation_at(likelihood: Likelihood, experiment: Experiment, x: Array) -> Expectation:
    """Return the expected counts of one experiment of a likelihood at a point."""
    components = {
        name: counts
        for (where, name), counts in likelihood.components(x).items()
        if where == experiment.name
    }
    return Expectation(
        experiment.name, experiment.edges, experiment.observed, components, experiment.axis
    )
