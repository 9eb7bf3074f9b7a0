"""What was promised about speed, and whether the results keep it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Literal

from benchmarks.results import Results
from benchmarks.timing import Measured

Value = Callable[[Results], Measured | None]


@dataclass(frozen=True)
class Target:
    """A promise.

    Attributes
    ----------
    promise : str
    value : callable
        Results -> the number it is about, None if it was not measured.
    kind : {"at most", "at least"}
    bound : float
    beside : callable
        Results -> what it is compared with, in words; empty if with nothing.
    why : str
        What the time goes into, said where the promise is not kept.
    """

    promise: str
    value: Value
    kind: Literal["at most", "at least"]
    bound: float
    beside: Callable[[Results], str] = lambda results: ""
    why: str = ""

    def met(self, results: Results) -> bool | None:
        """Whether the median keeps the promise; None if it was not measured."""
        found = self.value(results)
        if found is None:
            return None
        return found.median <= self.bound if self.kind == "at most" else found.median >= self.bound


def entry(part: str, name: str) -> Value:
    """Return the measured number of a part."""
    return lambda results: results.get(part, name)


def ratio(part: str, name: str, other: str, scale: float = 1.0) -> Value:
    """Return one number over `scale` times another of the same part."""

    def value(results: Results) -> Measured | None:
        a, b = results.get(part, name), results.get(part, other)
        if a is None or b is None:
            return None
        return Measured(
            a.median / b.median / scale,
            a.low / b.high / scale,
            a.high / b.low / scale,
            min(a.runs, b.runs),
            "",
        )

    return value


def exponent(part: str, name: str, other: str, step: float) -> Value:
    """Return the power with which the cost grows between two sizes a factor `step` apart."""
    quotient = ratio(part, name, other)

    def value(results: Results) -> Measured | None:
        found = quotient(results)
        if found is None:
            return None
        powers = [log(number) / log(step) for number in (found.median, found.low, found.high)]
        return Measured(powers[0], powers[1], powers[2], found.runs, "")

    return value


def seconds(part: str, name: str, words: str) -> Callable[[Results], str]:
    """Say what the other one took."""

    def text(results: Results) -> str:
        found = results.get(part, name)
        return f"{words} {show(found.median, found.unit)}" if found else ""

    return text


def show(value: float, unit: str) -> str:
    """Return a number with its unit, to three digits: ``4.2 us``."""
    if unit == "s":
        for factor, name in ((1.0, "s"), (1e3, "ms"), (1e6, "us")):
            if abs(value) * factor >= 1.0 or name == "us":
                return f"{value * factor:.3g} {name}"
    if abs(value) >= 1000:
        return f"{value:.0f} {unit}".strip()
    return f"{value:.3g} {unit}".strip()


PLAIN = "plain PyMC model, nutpie, cold"
BACKEND = "limit --method posterior --backend pymc --no-files"
SPECTRUM = "a_spectrum_from_moments_is_a_thousand_times_faster_than_quadrature"
EMCEE, PYMC = "emcee on the NumPy likelihood", "PyMC NUTS on the pm.Model"

DRAWING = (
    "Drawing: matplotlib has to be imported, and two or three pictures take longer than the limit, "
    "which is printed before. A second process that imports and draws meanwhile was tried: both "
    "processes then import at once and slow each other down, 2.6 s instead of 2.6 s for a profile, "
    "6.1 s instead of 6.2 s for a posterior, for half as much again of processor time. "
    "`--no-plots` writes all but the pictures, and `bayesnu plot` draws them whenever they are "
    "wanted."
)
COMPILED = (
    "Cold, numba compiles every kind of operation for every layout of its arrays. Warm, PyTensor "
    "rewrites the graph, once for the density and once for what is kept of draws."
)
IMPORTS = (
    "Most of it are imports and, cold, the compilation of the kernel; the last table of this page "
    "has them one by one. Sampling itself takes a few tenths of a second."
)
LOGARITHM = (
    "Every bin needs a logarithm and a division, which the bare products do not have; beyond a "
    "thousand bins they are most of the time."
)
BLOCKS = (
    "An experiment's templates are zero in the bins of the others; whoever adds up these zeros "
    "pays for experiments squared."
)
MATRICES = (
    "A Newton step has a Hessian of all parameters of all experiments together: 102 squared "
    "instead of ten times 12 squared."
)
TRAJECTORIES = (
    "One posterior of 102 parameters is not ten of 12: NUTS needs more and shorter steps for a "
    "draw, and each step evaluates all ten experiments."
)

TARGETS = (
    Target(
        "`bayesnu limit --method profile --no-files`, one experiment, under 1.5 s",
        entry("commands", "limit --method profile --no-files"),
        "at most",
        1.5,
        why=IMPORTS,
    ),
    Target(
        "the limit of `bayesnu limit --method profile` printed, numbers written, within 1.5 s",
        entry("commands", "limit --method profile: answer"),
        "at most",
        1.5,
        why=IMPORTS,
    ),
    Target(
        "`bayesnu limit --method profile` with two pictures under 1.5 s",
        entry("commands", "limit --method profile"),
        "at most",
        1.5,
        why=DRAWING,
    ),
    Target(
        "profile of 41 points with 20 nuisances under 0.1 s",
        entry("profile", "profile"),
        "at most",
        0.1,
        seconds("profile", "iminuit", "iminuit"),
    ),
    Target(
        "all of giunti-ternes-2023 by profile under 30 s",
        entry("commands", "reproduce giunti-ternes-2023 --method profile"),
        "at most",
        30.0,
    ),
    *(
        Target(
            f"`bayesnu {name}`, 4 x 1000 draws, under {bound:.0f} s",
            entry("commands", name),
            "at most",
            bound,
            seconds("commands", peer, words),
            why,
        )
        for name, bound, peer, words, why in (
            (
                "limit --method posterior --no-files",
                5.0,
                BACKEND,
                "the pm.Model by nutpie",
                IMPORTS,
            ),
            ("limit --method posterior --no-plots", 5.0, "", "", IMPORTS),
            ("limit --method posterior", 5.0, "", "", DRAWING),
            (
                "limit --method posterior --no-files, cold",
                15.0,
                f"{BACKEND}, cold",
                "the pm.Model by nutpie, cold,",
                IMPORTS,
            ),
            (
                "limit --method posterior, cold",
                15.0,
                PLAIN,
                "plain PyMC model, limit alone,",
                IMPORTS,
            ),
        )
    ),
    *(
        Target(
            f"the limit of `bayesnu {name}` printed, posterior written, within {bound:.0f} s",
            entry("commands", f"{name}: answer"),
            "at most",
            bound,
            why=IMPORTS,
        )
        for name, bound in (
            ("limit --method posterior", 5.0),
            ("limit --method posterior, cold", 15.0),
        )
    ),
    *(
        Target(
            f"`build_model` of cross sections, {words}, compiled for nutpie within {bound:.0f} s",
            entry("commands", name),
            "at most",
            bound,
            why=COMPILED,
        )
        for name, words, bound in (
            ("build_model, compiled for nutpie, cold", "cold", 45.0),
            ("build_model, compiled for nutpie", "warm", 15.0),
        )
    ),
    Target(
        "refit with new data, 4 x 500 draws, under 0.25 s",
        entry("refit", "refit"),
        "at most",
        0.25,
        seconds("refit", "nutpie_with_new_data", "nutpie on the pm.Model, compiled before,"),
    ),
    Target("1,000 refits under 5 minutes", entry("refits", "all refits"), "at most", 300.0),
    Target(
        "memory flat over 1,000 refits (grows by less than 5 MB)",
        entry("refits", "growth of memory"),
        "at most",
        5.0,
    ),
    *(
        Target(
            f"ESS per second, {what}, at least {bound:.0f} times {words}",
            ratio("ess", f"bayesnu: {what}", f"{other}: {what}"),
            "at least",
            bound,
            seconds("ess", f"{other}: {what}", words),
        )
        for other, words, bound in ((EMCEE, "emcee", 20.0), (PYMC, "PyMC's own NUTS", 5.0))
        for what in ("mu_eff", "worst parameter")
    ),
    Target(
        "a spectrum at least 1,000 times faster than adaptive quadrature at 1e-5",
        entry("spectrum", f"{SPECTRUM}: ratio"),
        "at least",
        1000.0,
        seconds("spectrum", f"{SPECTRUM}: direct_seconds", "quadrature"),
    ),
    Target(
        "chi2 with gradient, 30 bins and 10 components, under 30 us",
        entry("chi2", "kernel[30-10]"),
        "at most",
        30e-6,
        seconds("chi2", "products[30-10]", "bare products"),
    ),
    *(
        Target(
            f"chi2 with gradient, {bins} bins, at most twice the bare matrix products",
            ratio("chi2", f"kernel[{bins}-10]", f"products[{bins}-10]"),
            "at most",
            2.0,
            seconds("chi2", f"products[{bins}-10]", "bare products"),
            LOGARITHM,
        )
        for bins in (300, 1000, 3000)
    ),
    Target(
        "cost of chi2 linear in bins (300 to 3,000; power at most 1.1)",
        exponent("growth", "chi2_bins[3000]", "chi2_bins[300]", 10.0),
        "at most",
        1.1,
    ),
    Target(
        "cost of chi2 linear in components (10 to 100; power at most 1.1)",
        exponent("growth", "chi2_components[100]", "chi2_components[10]", 10.0),
        "at most",
        1.1,
    ),
    *(
        Target(
            f"{words} of ten experiments at most 1.3 times ten single ones",
            ratio("growth", f"{what}_experiments[10]", f"{what}_experiments[1]", 10.0),
            "at most",
            1.3,
            why=why,
        )
        for what, words, why in (
            ("chi2", "chi2", BLOCKS),
            ("profile", "profile", MATRICES),
            ("refit", "posterior", TRAJECTORIES),
        )
    ),
    *(
        Target(
            f"peak memory of {words} under 1.2 GB",
            entry(part, name),
            "at most",
            1200.0,
        )
        for part, name, words in (
            ("commands", "limit: memory", "`bayesnu limit`"),
            ("commands", "limit --method posterior, cold: memory", "the same, cold"),
        )
    ),
)
