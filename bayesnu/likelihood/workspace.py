"""A pyhf workspace as a likelihood: an experiment of others, or a constraint beside one's own.

normfactor, lumi, normsys, histosys, shapefactor, shapesys and staterror are read. A histosys is
the parabola through its three counts and a line beyond one sigma, a normsys (whose ends have to be
each other's inverse) a power of its ends: workspaces do not say how they are interpolated, and
pyhf's own choice differs where shifts are not symmetric.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.files.checked_json import read_json
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.factors import bend, factor_names
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.priors import flat, gaussian, log_normal
from bayesnu.types import Array

BIN_AXIS = "bin"

INVERSE = 1e-9
"""How near to one the product of the ends of a normsys is."""

SHIFTS = 5.0
"""Where a histosys ends that says nothing of it, in sigmas; so does pyhf."""


def read_pyhf(
    path: str | Path,
    *,
    powers: Mapping[str, tuple[str, int]] | None = None,
    about: str | Path | None = None,
    measurement: str | None = None,
) -> Likelihood:
    """Return the likelihood of a workspace.

    Parameters
    ----------
    powers : mapping, optional
        Normfactors that are powers of a parameter: ``{"mu_eff_2": ("mu_eff", 2)}``.
    about : Path, optional
        The about.json that this package has written beside its own workspace: parameters are then
        what they were, in their units, and one with those of other likelihoods.
    measurement : str, optional
        Name of one, where there are several; otherwise the first.

    Raises
    ------
    InputError
        If the file is no workspace, or has what cannot be read.
    """
    made = _Reader(
        str(path), read_json(Path(path), "a pyhf workspace"), dict(powers or {}), measurement
    )
    try:
        if about is not None:
            made.learn(read_json(Path(about), "an about.json"))
        return made.likelihood()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise InputError(
            path, "workspace", found=f"{type(error).__name__}: {error}", expected="pyhf's schema"
        ) from None


@dataclass
class _Reader:
    path: str
    spec: Any
    powers: dict[str, tuple[str, int]]
    measurement: str | None
    parameters: dict[str, Parameter] = field(default_factory=dict)
    rows: list[tuple[tuple[str, str], list[str], slice, Array]] = field(default_factory=list)
    own: dict[str, Parameter] = field(default_factory=dict)
    """Parameters of this package's own workspaces, as they were."""
    stack: list[Bins] = field(default_factory=list)
    observed: list[float] = field(default_factory=list)

    def likelihood(self) -> Likelihood:
        measurements = {m["name"]: m for m in self.spec["measurements"]}
        name = self.measurement or next(iter(measurements))
        if name not in measurements:
            raise self.wrong("measurement", repr(name), " | ".join(measurements))
        config = measurements[name]["config"]
        self.poi = config.get("poi") or ""
        self.settings = {entry["name"]: entry for entry in config["parameters"]}
        counts = {entry["name"]: entry["data"] for entry in self.spec["observations"]}
        for channel in self.spec["channels"]:
            self.add_channel(channel, counts[channel["name"]])
        return self.finish(name)

    def learn(self, about: Any) -> None:
        """Take parameters from what was written beside a workspace."""
        for entry in about["parameters"]:
            low = -np.inf if entry["low"] is None else entry["low"]
            high = np.inf if entry["high"] is None else entry["high"]
            sigma, centre = entry["sigma"], entry["centre"]
            prior = flat(low, high) if sigma is None else gaussian(centre, sigma, low, high)
            if not entry["log_normal"]:
                texts = (entry["name"], entry["role"], prior, entry["unit"], entry["latex"])
                self.own[entry["name"]] = Parameter(*texts, one_sided=entry["one_sided"])
        for norm, (name, power) in about["normfactors"].items():
            self.powers[norm] = (name, int(power))

    def wrong(self, key: str, found: str, expected: str) -> InputError:
        return InputError(self.path, key, found=found, expected=expected)

    def add_bins(self, name: str, observed: Sequence[float], control: bool = False) -> slice:
        part = slice(len(self.observed), len(self.observed) + len(observed))
        self.observed.extend(float(n) for n in observed)
        edges = np.arange(len(observed) + 1.0)
        self.stack.append(Bins(name, part, edges, axis=BIN_AXIS, control=control))
        return part

    def add_channel(self, channel: Mapping[str, Any], observed: Sequence[float]) -> None:
        name = channel["name"]
        part = self.add_bins(name, observed)
        for sample in channel["samples"]:
            nominal = np.array(sample["data"], dtype=float)
            if nominal.shape != (len(observed),):
                raise self.wrong(
                    f"{name}/{sample['name']}", f"{nominal.size} counts", f"{len(observed)}"
                )
            shapes: list[tuple[list[str], Array]] = [([], nominal)]
            norms: list[str] = []
            by_bin: list[tuple[str, ...]] = []
            for modifier in sample["modifiers"]:
                kind = modifier["type"]
                if kind == "histosys":
                    shapes.extend(self.shift(modifier, nominal))
                elif kind in ("shapefactor", "shapesys", "staterror"):
                    by_bin.append(self.bin_norms(channel, sample, modifier))
                else:
                    norms.extend(self.norm(modifier, f"{name}/{sample['name']}"))
            for factors, counts in shapes:
                self.add_rows((name, sample["name"]), [*norms, *factors], part, counts, by_bin)

    def add_rows(
        self,
        label: tuple[str, str],
        factors: list[str],
        part: slice,
        counts: Array,
        by_bin: Sequence[tuple[str, ...]],
    ) -> None:
        if not by_bin:
            self.rows.append((label, factors, part, counts))
            return
        for i, count in enumerate(counts):
            if count:
                one = np.zeros(len(counts))
                one[i] = count
                self.rows.append((label, [*factors, *(n[i] for n in by_bin)], part, one))

    def norm(self, modifier: Mapping[str, Any], where: str) -> list[str]:
        """Return the factors of a normfactor, a normsys, the luminosity."""
        name, kind = modifier["name"], modifier["type"]
        if kind == "normfactor":
            own, power = self.powers.get(name, (name, 1))
            low, high = self.bounds(name, (0.0, 10.0))
            if power != 1:
                low, high = (np.sign(end) * abs(end) ** (1.0 / power) for end in (low, high))
            signal = name == self.poi or name in self.powers
            role = "signal" if signal else "background"
            made = Parameter(own, role, flat(low, high), one_sided=signal)
            self.add(self.own.get(own, made))
            return [own] * power
        if kind == "lumi":
            setting = self.settings[name]
            centre, sigma = setting["auxdata"][0], setting["sigmas"][0]
            low, high = self.bounds(name, (0.0, 10.0 * centre))
            self.add(Parameter(name, "flux", gaussian(centre, sigma, low, high)))
            return [name]
        if kind == "normsys":
            low, high = modifier["data"]["lo"], modifier["data"]["hi"]
            if low <= 0.0 or high <= 1.0 or abs(low * high - 1.0) > INVERSE:
                found = f"lo = {low:g}, hi = {high:g}"
                raise self.wrong(f"{where}: normsys {name}", found, "lo = 1 / hi < 1")
            self.add(Parameter(name, "background", log_normal(float(np.log(high)))))
            return [name]
        raise self.wrong(where, f"the modifier {kind}", "one of HistFactory's")

    def shift(self, modifier: Mapping[str, Any], nominal: Array) -> list[tuple[list[str], Array]]:
        """Return the two terms that a histosys adds."""
        name = modifier["name"]
        up, down = (np.array(modifier["data"][end], dtype=float) for end in ("hi_data", "lo_data"))
        low, high = self.bounds(name, (-SHIFTS, SHIFTS))
        known = self.own.get(name, Parameter(name, "response", gaussian(0.0, 1.0, low, high)))
        self.add(known)
        curve = 0.5 * (up + down) - nominal
        # The mean of two shifts that are symmetric differs from the nominal by rounding only.
        curve = np.where(np.abs(curve) > 1e-12 * (np.abs(up) + np.abs(down)), curve, 0.0)
        # The pull is (x - centre) / sigma.
        prior, line = known.prior, 0.5 * (up - down)
        terms = [([name], line / prior.sigma)]
        if prior.centre:
            terms.append(([], -prior.centre / prior.sigma * line))
        if curve.any() and (prior.centre, prior.sigma) != (0.0, 1.0):
            raise self.wrong(f"histosys {name}", "shifts with a curve", "straight ones")
        return [*terms, ([bend(name)], curve)] if curve.any() else terms

    def bin_norms(
        self, channel: Mapping[str, Any], sample: Mapping[str, Any], modifier: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Return the parameters that a sample has for each bin."""
        name, kind = modifier["name"], modifier["type"]
        nominal = np.array(sample["data"], dtype=float)
        names = tuple(f"{name}_{i}" for i in range(len(nominal)))
        low, high = self.bounds(name, (1e-10, 10.0))
        if kind == "shapesys":
            with np.errstate(divide="ignore", invalid="ignore"):
                tau = (nominal / np.array(modifier["data"], dtype=float)) ** 2
            if not np.isfinite(tau).all():
                raise self.wrong(f"shapesys {name}", "a bin without counts or errors", "both")
            part = self.add_bins(f"{channel['name']}_{name}", tau.tolist(), control=True)
            for i, own in enumerate(names):
                counts = np.where(np.arange(len(tau)) == i, tau, 0.0)
                self.rows.append(((f"{channel['name']}_{name}", name), [own], part, counts))
        sigma = self.statistical(channel, name) if kind == "staterror" else None
        for i, own in enumerate(names):
            prior = flat(low, high)
            if sigma is not None and sigma[i] > 0.0:
                prior = gaussian(1.0, float(sigma[i]), low, high)
            self.add(Parameter(own, "background", prior))
        return names

    def statistical(self, channel: Mapping[str, Any], name: str) -> Array:
        """Return the relative errors of a staterror, of all samples that share it."""
        total = square = np.zeros(1)
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                if (modifier["type"], modifier["name"]) == ("staterror", name):
                    total = total + np.array(sample["data"], dtype=float)
                    square = square + np.array(modifier["data"], dtype=float) ** 2
        relative = np.sqrt(square) / total
        if not (np.isfinite(relative) & (relative > 0.0)).all():
            raise self.wrong(f"staterror {name}", "a bin without counts or errors", "both")
        return np.asarray(relative)

    def bounds(self, name: str, usual: tuple[float, float]) -> tuple[float, float]:
        low, high = self.settings.get(name, {}).get("bounds", [usual])[0]
        low, high = float(low), float(high)
        if not low < high < np.inf or low == -np.inf:
            raise self.wrong(f"bounds of {name}", f"[{low:g}, {high:g}]", "two finite numbers")
        return low, high

    def add(self, parameter: Parameter) -> None:
        known = self.parameters.setdefault(parameter.name, parameter)
        if known != parameter:
            raise self.wrong(
                parameter.name, "two kinds of modifier, or two widths", "one of each name"
            )

    def finish(self, measurement: str) -> Likelihood:
        names = tuple(self.parameters)
        known = factor_names(names)
        order = max((len(factors) for _, factors, _, _ in self.rows), default=1) or 1
        table = np.full((len(self.rows), order), len(names), dtype=np.int64)
        templates = np.zeros((len(self.rows), len(self.observed)))
        for i, (_, factors, part, counts) in enumerate(self.rows):
            table[i, : len(factors)] = [known.index(factor) for factor in factors]
            templates[i, part] = counts
        if not np.isfinite(templates).all():
            raise self.wrong("samples", "counts that are no numbers", "finite ones")
        made = Likelihood(
            parameters=tuple(self.parameters.values()),
            factors=table,
            templates=templates,
            labels=tuple(label for label, _, _, _ in self.rows),
            observed=np.array(self.observed),
            sigma=np.zeros(len(self.observed)),
            stack=tuple(self.stack),
            provenance={"signal": measurement, "workspace": Path(self.path).name},
        )
        made.check_observed(made.observed)
        fixed = {
            name: float(entry["inits"][0])
            for name, entry in self.settings.items()
            if entry.get("fixed") and name in self.parameters
        }
        return made.with_fixed(fixed) if fixed else made
