"""A pyhf workspace: HistFactory's JSON, which is linear in what is constrained.

A component is one sample for every power of a signal's parameter and free norm that it has: these
are normfactors, ``mu_eff_2`` for mu_eff^2. A Gaussian nuisance is a histosys of symmetric shifts,
in which every interpolation code is a straight line; its parameter is (x - centre) / sigma. A
log-normal one is a normsys. Where a signal's parameter has more than one power, HistFactory cannot
tie them to each other: the workspace has no signal, and a patch set has one patch for each value.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bayesnu import __version__
from bayesnu.errors import InputError
from bayesnu.files.json_text import plain_json
from bayesnu.files.whole import write_text
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.linear import is_linear_nuisance
from bayesnu.output.likelihoods.facts import Term, about, terms_of
from bayesnu.types import Array

VERSION = "1.0.0"

FURTHEST = 10.0
"""pyhf wants an end of every parameter: a constrained one ends here, in sigmas."""

NO_RECORD = "ins0000000"
"""pyhf's schema asks for a HEPData record; there is none."""


def write(likelihood: Likelihood, kind: str, folder: Path) -> list[Path]:
    """Write workspace.json, patchset.json where the signal needs one, and about.json.

    Raises
    ------
    InputError
        If HistFactory cannot express the likelihood.
    """
    made: dict[str, Any] = {}
    varied = varied_signal(likelihood)
    if varied:
        from bayesnu.inference.profile import profile

        values = [float(value) for value in profile(likelihood, varied).values]
        made["workspace.json"], made["patchset.json"] = patchset(likelihood, varied, values)
    else:
        made["workspace.json"] = workspace(likelihood)
    # pyhf's schema has no place for it in the workspace.
    made["about.json"] = {**about(likelihood), "normfactors": _norms(likelihood)}
    return [write_text(folder / name, plain_json(found)) for name, found in made.items()]


def varied_signal(likelihood: Likelihood) -> str:
    """Return the signal's parameter that needs a patch for each value; none is empty.

    Raises
    ------
    InputError
        If there are several parameters whose powers cannot be normfactors.
    """
    signals = set(likelihood.signals)
    powers: dict[str, set[int]] = {name: set() for name in likelihood.signals}
    tied = False
    for term in terms_of(likelihood):
        own = Counter(f for f in term.factors if f.split(" ")[-1] in signals)
        tied = tied or len(own) > 1 or any(f not in signals for f in own)
        for name, power in own.items():
            powers.setdefault(name, set()).add(power)
    if not tied and all(len(found) <= 1 for found in powers.values()):
        return ""
    if len(signals) > 1:
        raise InputError(
            "--format pyhf",
            ", ".join(likelihood.signals),
            found="products of several parameters, or several powers of one",
            expected="one free parameter of the signal, or --format hs3",
        )
    return likelihood.signals[0]


@dataclass
class _Sample:
    """Counts of a component at the centre of all nuisances, and their slopes by nuisance."""

    nominal: Array
    norms: tuple[str, ...]
    slopes: dict[str, Array] = field(default_factory=dict)


def workspace(likelihood: Likelihood) -> dict[str, Any]:
    """Return the workspace; all of the signal's parameters are normfactors."""
    if not likelihood.poisson.all():
        raise InputError(
            "--format pyhf",
            ", ".join(likelihood.experiments),
            found="counts with Gaussian errors",
            expected="Poisson counts, or --format hs3",
        )
    channels: list[dict[str, Any]] = []
    observations: list[dict[str, Any]] = []
    used: set[str] = set()
    for bins in likelihood.stack:
        own = [term for term in terms_of(likelihood) if term.experiment == bins.experiment]
        samples = _samples(likelihood, own)
        channels.append({"name": bins.experiment, "samples": samples})
        observed = likelihood.observed[bins.part].tolist()
        observations.append({"name": bins.experiment, "data": observed})
        used |= {modifier["name"] for sample in samples for modifier in sample["modifiers"]}
    first = channels[0]["samples"][0]
    for name in (p.name for p in likelihood.parameters if is_linear_nuisance(p)):
        if name not in used:  # a constraint that no counts feel is part of chi2 all the same
            first["modifiers"].append(_shift(name, np.array(first["data"]), np.zeros(1)))
            used.add(name)
    norms = _norms(likelihood)
    parameters = [entry for entry in _configured(likelihood, norms) if entry["name"] in used]
    poi = next((norm for norm, own in norms.items() if own[0] in likelihood.signals), "")
    config = {"poi": poi if poi in used else "", "parameters": parameters}
    return {
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": likelihood.signal or "measurement", "config": config}],
        "version": VERSION,
    }


def patchset(
    likelihood: Likelihood, name: str, values: Sequence[float]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the workspace without a signal, and the patches for values of its parameter."""
    standard = likelihood.parameters[likelihood.index(name)].standard
    base = workspace(likelihood.with_fixed({name: standard}))
    patches = []
    for number, value in enumerate(values):
        own = workspace(likelihood.with_fixed({name: value}))
        changes = [
            {"op": "replace", "path": f"/channels/{i}/samples/{j}", "value": sample}
            for i, channel in enumerate(own["channels"])
            for j, sample in enumerate(channel["samples"])
            if sample != base["channels"][i]["samples"][j]
        ]
        # A patch has to change something: at the standard value it says what is there.
        first = base["channels"][0]["samples"][0]
        nothing = [{"op": "replace", "path": "/channels/0/samples/0", "value": first}]
        patches.append(
            {
                "metadata": {"name": f"value_{number}", "values": [value]},
                "patch": changes or nothing,
            }
        )
    text = json.dumps(json.loads(plain_json(base)), sort_keys=True, ensure_ascii=False)
    facts: dict[str, Any] = {
        "name": f"bayesnu {__version__}",
        "description": f"{likelihood.signal}: one patch for each value of {name}; there is no "
        "HEPData record of it, and the one named is none",
        "labels": [name],
        "references": {"hepdata": NO_RECORD},
        "digests": {"sha256": hashlib.sha256(text.encode()).hexdigest()},
        "bayesnu": about(likelihood),
    }
    return base, {"metadata": facts, "patches": patches, "version": VERSION}


def _samples(likelihood: Likelihood, terms: Sequence[Term]) -> list[dict[str, Any]]:
    """Return the samples of an experiment."""
    parameters = {p.name: p for p in likelihood.parameters}
    found: dict[tuple[str, tuple[str, ...]], _Sample] = {}
    for term in terms:
        linear = [f for f in term.factors if f in parameters and is_linear_nuisance(parameters[f])]
        rest = [f for f in term.factors if f not in linear]
        norms = _names_of_norms(rest, parameters)
        if len(linear) > 1 or norms is None:
            raise InputError(
                "--format pyhf",
                f"{term.component} of {term.experiment}",
                found=" * ".join(term.factors),
                expected="one Gaussian nuisance a term (--first-order, or --hold some at their "
                "centres), or --format hs3",
            )
        zero = np.zeros(len(term.counts))
        sample = found.setdefault((term.component, norms), _Sample(zero, norms))
        if not linear:
            sample.nominal = sample.nominal + term.counts
            continue
        prior = parameters[linear[0]].prior
        sample.nominal = sample.nominal + prior.centre * term.counts
        slope = prior.sigma * term.counts
        sample.slopes[linear[0]] = sample.slopes.get(linear[0], zero) + slope
    return [
        {
            "name": "_".join((component, *norms)),
            "data": sample.nominal.tolist(),
            "modifiers": [
                *(_norm(norm, parameters) for norm in sample.norms),
                *(_shift(name, sample.nominal, by) for name, by in sample.slopes.items()),
            ],
        }
        for (component, norms), sample in found.items()
    ]


def _names_of_norms(rest: Sequence[str], parameters: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the names of normfactors and normsys; None if there is none of that kind."""
    if any(factor not in parameters for factor in rest):  # a cosine, a sine, a bend
        return None
    powers = Counter(rest)
    if any(n > 1 and parameters[name].role != "signal" for name, n in powers.items()):
        return None
    return tuple(sorted(_power(name, n) for name, n in powers.items()))


def _power(name: str, power: int) -> str:
    return name if power == 1 else f"{name}_{power}"


def _norm(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    prior = parameters[name].prior if name in parameters else None
    if prior is None or not prior.log_normal:
        return {"name": name, "type": "normfactor", "data": None}
    ends = {"hi": float(np.exp(prior.sigma)), "lo": float(np.exp(-prior.sigma))}
    return {"name": name, "type": "normsys", "data": ends}


def _shift(name: str, nominal: Array, by: Array) -> dict[str, Any]:
    ends = {"hi_data": (nominal + by).tolist(), "lo_data": (nominal - by).tolist()}
    return {"name": name, "type": "histosys", "data": ends}


def _norms(likelihood: Likelihood) -> dict[str, tuple[str, int]]:
    """Return the parameter and the power that each normfactor is of, the signal's first."""
    found: dict[str, tuple[str, int]] = {}
    free = {p.name for p in likelihood.parameters if not is_linear_nuisance(p)}
    for term in terms_of(likelihood):
        for name, power in Counter(term.factors).items():
            if name in free:
                found[_power(name, power)] = (name, power)
    first = {norm: own for norm, own in found.items() if own[0] in likelihood.signals}
    return first | found


def _configured(
    likelihood: Likelihood, norms: Mapping[str, tuple[str, int]]
) -> list[dict[str, Any]]:
    """Return where parameters start and end, in pyhf's own units."""
    result: list[dict[str, Any]] = []
    parameters = dict(zip(likelihood.names, likelihood.parameters, strict=True))
    start = dict(zip(likelihood.names, likelihood.start.tolist(), strict=True))
    for norm, (name, power) in norms.items():
        prior = parameters[name].prior
        if prior.log_normal:
            bounds = [-FURTHEST, FURTHEST]
        else:
            ends = (prior.low, min(prior.high, max(10.0, 10.0 * likelihood.observed.sum())))
            bounds = sorted(end**power for end in ends)
            if power % 2 == 0 and prior.low < 0.0:
                bounds[0] = 0.0
        first = 0.0 if prior.log_normal else start[name] ** power
        result.append({"name": norm, "inits": [first], "bounds": [bounds]})
    for name, parameter in parameters.items():
        if is_linear_nuisance(parameter):
            p = parameter.prior
            low, high = ((end - p.centre) / p.sigma for end in (p.low, p.high))
            ends_of = [max(low, -FURTHEST), min(high, FURTHEST)]
            result.append({"name": name, "inits": [0.0], "bounds": [ends_of]})
    return result
