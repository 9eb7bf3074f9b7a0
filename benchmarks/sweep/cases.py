"""Which analyses are swept: signals, experiments, parameters, and truths far from zero."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cache

import bayesnu
from bayesnu.experiments.experiment import Experiment
from bayesnu.physics.signals import NUCLEAR_CHANNELS, SIGNALS, Signal, signal_by_tag, signal_for
from bayesnu.physics.signals.transition_moment import TransitionMoment

LEVELS = (0.68, 0.9, 0.95, 0.99, 0.997)
PRIORS = ("flat", "flat-squared", "log")

MASSES = {
    "electron-recoil": {"m4": 0.1, "m_mediator": 50.0, "m_boson": 50.0},
    "nuclear-recoil": {"m4": 1.0, "m_mediator": 1000.0, "m_boson": 1000.0},
}
"""The values at which masses are held, in the units of a channel: where present data say most."""

COMBINATIONS = (
    ("xenonnt-2022-er", "lz-2024-er", "pandax4t-2024-er"),
    ("xenonnt-2026-8b", "pandax4t-2024-8b"),
    ("xenonnt-2022-er", "gemma-2012", "lsnd-2001"),
    ("xenonnt-2024-8b@deromeri-2024", "pandax4t-2024-8b@deromeri-2024"),
)

TOGETHER = ("xenonnt-2022-er", "xenonnt-2026-8b", "darwin-300ty")
"""Experiments for which fits of all parameters together are swept too: a minute each."""

TRUTHS = (5.0, 50.0)
"""In units of the size that changes chi2 by one."""

QUICK = (
    "xenonnt-2022-er magnetic-moment mu_eff",
    "xenonnt-2022-er millicharge q_eff",
    "xenonnt-2022-er millicharge q_eff truth 50",
    "lz-2024-er charge-radius r2_ee",
    "xenonnt-2024-8b millicharge q_eff",
    "xenonnt-2026-8b magnetic-moment mu_eff",
    "xenonnt-2026-8b sterile-dipole mu_e",
    "pandax4t-2024-8b anapole-moment a_eff",
    "lz-2022-er light-mediator g_vector",
    "darwin-30ty charge-radius r2_mumu",
    "darwin-300ty-depleted charge-radius r2_eff",
    "darwin-300ty millicharge q_eff truth -50",
    "xenonnt-2022-er millicharge q_ee marginal",
    "xenonnt-2022-er+gemma-2012+lsnd-2001 transition-magnetic-moment Lambda_1",
    "xenonnt-2022-er+lz-2024-er+pandax4t-2024-er charge-radius r2_ee",
)


@dataclass(frozen=True)
class Case:
    """One analysis of one parameter.

    Attributes
    ----------
    experiments : tuple of str
    signal, parameter : str
    fixed : tuple of (str, float)
        Masses.
    truth : float or None
        In units of the parameter's size; None for the data (of a projection: no signal).
    deep : bool
        Whether credible limits are judged too, under every prior.
    fit : {"one-at-a-time", "marginal"}
        Whether the signal's other parameters are free; there is no grid then, and the draws of
        another seed are the judge of a credible limit.
    """

    experiments: tuple[str, ...]
    signal: str
    parameter: str
    fixed: tuple[tuple[str, float], ...] = ()
    truth: float | None = None
    deep: bool = True
    fit: str = "one-at-a-time"

    @property
    def name(self) -> str:
        """How the case is called, also by ``--only``."""
        name = f"{'+'.join(self.experiments)} {self.signal} {self.parameter}"
        name += " marginal" if self.fit == "marginal" else ""
        return name if self.truth is None else f"{name} truth {self.truth:g}"

    @property
    def kind(self) -> str:
        """What it is one of: those of one kind and one signal are much the same."""
        if self.fit == "marginal":
            return "marginal"
        if self.truth is not None:
            return "truth"
        if len(self.experiments) > 1:
            return "combination"
        if "@" in self.experiments[0]:
            return "variant"
        if "darwin" in self.experiments[0]:
            return "projection"
        return loaded(self.experiments[0]).file.channel


@cache
def loaded(experiment: str) -> Experiment:
    """Return an experiment, read once."""
    return bayesnu.load(experiment)


def in_order(cases: Iterable[Case]) -> list[Case]:
    """Return the cases so that what is done, whenever it is stopped, is a sample of everything.

    One of every kind and signal comes first, by chance, then the second of each.
    """
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in sorted(cases, key=_chance):
        groups.setdefault((case.kind, case.signal), []).append(case)
    ranked = [(rank, case) for group in groups.values() for rank, case in enumerate(group)]
    return [case for _, case in sorted(ranked, key=lambda pair: (pair[0], _chance(pair[1])))]


def _chance(case: Case) -> bytes:
    return hashlib.sha256(case.name.encode()).digest()


def all_cases() -> list[Case]:
    """Return all analyses, the plain ones first."""
    names = list(bayesnu.available())
    plain = [name for name in names if "@" not in name]
    variants = [name for name in names if "@" in name]
    cases = [case for name in plain for case in _of((name,), True)]
    cases += [case for group in COMBINATIONS for case in _of(group, True)]
    together = [
        replace(case, fit="marginal")
        for case in cases
        if case.experiments[0] in TOGETHER and _is_answered(case) and _is_elementary(case)
    ]
    far = [
        replace(c, truth=sign * truth)
        for c in cases
        if len(c.experiments) == 1 and _is_answered(c) and _is_first(c)
        for truth in TRUTHS
        for sign in ((1.0,) if _is_positive(c) else (1.0, -1.0))
    ]
    of_papers = [case for name in variants for case in _of((name,), False) if _is_first(case)]
    return cases + far + together + of_papers


def is_polynomial(case: Case) -> bool:
    """Whether counts are a polynomial of the parameter: otherwise its values are held, one by
    one, or it is sampled."""
    signal = signal_by_tag(case.signal)
    return not (signal.parameter(case.parameter).shape or signal.propagates)


def chosen(quick: bool, patterns: list[str]) -> list[Case]:
    """Return the analyses that are asked for; patterns are those of a shell, or parts of names."""
    cases = [case for case in all_cases() if not quick or case.name in QUICK]
    if not patterns:
        return cases
    return [c for c in cases if any(p in c.name or fnmatch(c.name, p) for p in patterns)]


def _of(experiments: tuple[str, ...], deep: bool) -> Iterator[Case]:
    """Return the cases of some experiments, also those that the package has to refuse.

    Where every parameter of a signal would be refused in one sentence there is one case.
    """
    channels = [loaded(name).file.channel for name in experiments]
    for tag in SIGNALS:
        signal = signal_for(tag, [loaded(name).recoils for name in experiments])
        names = [p.name for p in signal.parameters if not (p.shape or p.periodic)]
        if not names or _has_one(channels, signal):
            names = [p.name for p in signal.parameters][:1]
        masses = MASSES["nuclear-recoil" if _is_nuclear(channels) else "electron-recoil"]
        for name in names:
            held = {p.name for p in signal.parameters if p.shape} - {name}
            fixed = tuple((mass, value) for mass, value in masses.items() if mass in held)
            yield Case(experiments, tag, name, fixed, deep=deep)


def _is_nuclear(channels: Sequence[str]) -> bool:
    return set(channels) <= set(NUCLEAR_CHANNELS)


def _has_one(channels: Iterable[str], signal: Signal) -> bool:
    """Whether one parameter stands for all: they are refused, or slow and much the same.

    What has an effective moment has no other signal than that of transition moments.
    """
    moments = "effective-moment" in channels and signal.tag != TransitionMoment.tag
    return moments or signal.propagates


def _is_answered(case: Case) -> bool:
    channels = [loaded(name).file.channel for name in case.experiments]
    return is_polynomial(case) and not _has_one(channels, signal_by_tag(case.signal))


def _is_positive(case: Case) -> bool:
    """Whether no truth below zero has a meaning."""
    meta = signal_by_tag(case.signal).parameter(case.parameter)
    return meta.one_sided or meta.lowest is not None


def _is_elementary(case: Case) -> bool:
    """Whether this is the first of several parameters that a fit of all parameters frees."""
    names = signal_by_tag(case.signal).elementary()
    return len(names) > 1 and names[0] == case.parameter


def _is_first(case: Case) -> bool:
    """Whether truths and papers' variants of it are swept: of each signal the first two."""
    names = [p.name for p in signal_by_tag(case.signal).parameters]
    return case.parameter in names[:2]
