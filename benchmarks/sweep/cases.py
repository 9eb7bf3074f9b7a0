"""Which analyses are swept: signals, experiments, parameters, and truths far from zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch

import bayesnu
from bayesnu.physics.signals import SIGNALS, signal_by_tag

LEVELS = (0.68, 0.9, 0.95, 0.99, 0.997)
PRIORS = ("flat", "flat-squared", "log")

MASSES = {
    ("sterile-dipole", "electron-recoil"): {"m4": 0.1},
    ("sterile-dipole", "nuclear-recoil"): {"m4": 1.0},
    ("light-mediator", "electron-recoil"): {"m_mediator": 50.0},
    ("light-mediator", "nuclear-recoil"): {"m_mediator": 1000.0},
}
"""The value at which a mass is held."""

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
        if case.experiments[0] in TOGETHER and _is_elementary(case)
    ]
    far = [
        Case(c.experiments, c.signal, c.parameter, c.fixed, sign * truth)
        for c in cases
        if len(c.experiments) == 1 and _is_first(c)
        for truth in TRUTHS
        for sign in ((1.0,) if _one_sided(c) else (1.0, -1.0))
    ]
    return cases + far + together + [case for name in variants for case in _of((name,), False)]


def chosen(quick: bool, patterns: list[str]) -> list[Case]:
    """Return the analyses that are asked for; patterns are those of a shell, or parts of names."""
    cases = [case for case in all_cases() if not quick or case.name in QUICK]
    if not patterns:
        return cases
    return [c for c in cases if any(p in c.name or fnmatch(c.name, p) for p in patterns)]


def _of(experiments: tuple[str, ...], deep: bool) -> Iterator[Case]:
    channels = [bayesnu.load(name).file.channel for name in experiments]
    beams = [channel == "effective-moment" for channel in channels]
    channel = channels[0]
    for tag in SIGNALS:
        if any(beams) and tag != "transition-magnetic-moment":
            continue
        for parameter in signal_by_tag(tag, channel).parameters:
            if not (parameter.shape or parameter.periodic):
                fixed = tuple(MASSES.get((tag, channel), {}).items())
                yield Case(experiments, tag, parameter.name, fixed, deep=deep)


def _one_sided(case: Case) -> bool:
    return signal_by_tag(case.signal).parameter(case.parameter).one_sided


def _is_elementary(case: Case) -> bool:
    """Whether this is the first parameter that a fit of all parameters frees."""
    return signal_by_tag(case.signal).elementary()[0] == case.parameter


def _is_first(case: Case) -> bool:
    """Whether truths of this parameter are swept: of each signal the first two."""
    names = [p.name for p in signal_by_tag(case.signal).parameters]
    return case.parameter in names[:2]
