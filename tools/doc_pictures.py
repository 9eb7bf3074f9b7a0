"""Draw the pictures of the documentation that teach something: `python tools/doc_pictures.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from bayesnu import limit_run, load, profile_scan
from bayesnu.analyses.limit import LimitRun
from bayesnu.analyses.record import spectrum_of
from bayesnu.experiments.detector import recoil_grid
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import folded
from bayesnu.model.rate import RecoilRate
from bayesnu.output.plots import limit as plots
from bayesnu.output.plots import style
from bayesnu.physics.signals import ChargeRadius, MagneticMoment, Millicharge, Signal, StandardModel

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"

SIGNALS: tuple[tuple[str, Signal, Mapping[str, float]], ...] = (
    ("Standard Model", StandardModel(), {}),
    (r"$\mu_\nu = 10^{-11}\,\mu_\mathrm{B}$", MagneticMoment(), {"mu_eff": 1.0}),
    (r"$q_{\nu_e} = 5 \cdot 10^{-13}\,e$", Millicharge(), {"q_ee": 5.0}),
    (
        r"$\langle r^2_{\nu_e}\rangle = 30 \cdot 10^{-32}\,\mathrm{cm}^2$",
        ChargeRadius(),
        {"r2_ee": 30.0},
    ),
)


def on_a_fine_grid(experiment: Experiment) -> Experiment:
    """Return an experiment whose recoil grid is fine and wide, to draw spectra on."""
    grid = recoil_grid(0.2, 300.0, refine=8)
    nothing = folded(
        "electrons", grid, lambda at: {(): np.zeros((experiment.bins, len(at.energy)))}
    )
    return replace(experiment, responses=(nothing,))


@style.styled
def recoil_spectra() -> Figure:
    """Draw the rate of each property before any detector."""
    experiment = on_a_fine_grid(load("xenonnt-2022-er"))
    rate = RecoilRate(experiment)
    energy = experiment.responses[0].grid.energy
    figure = Figure(figsize=(6.2, 3.8), layout="constrained")
    axes = figure.add_subplot()
    for number, (label, signal, values) in enumerate(SIGNALS):
        total = np.sum(list(rate.spectrum(signal, values).values()), axis=0)
        colour = "0.2" if number == 0 else style.COLOURS[number - 1]
        axes.plot(energy, total, label=label, color=colour, lw=2.2 if number == 0 else 1.4)
    axes.set(xscale="log", yscale="log", xlim=(0.2, 300), ylim=(0.1, 300))
    axes.set_xlabel("recoil energy $T$ [keV]")
    axes.set_ylabel(r"$dR/dT$ [1 / (t yr keV)]")
    axes.set_title(r"Electron recoils of solar neutrinos in xenon")
    axes.legend()
    return figure


def profile_of(run: LimitRun) -> Figure:
    """Draw the profile of a limit over its posterior."""
    column = run.columns[run.limit.parameter]
    return plots.draw_limit(run.limit, column.latex, run.profile, column.values)


def demo() -> dict[str, Figure]:
    """Draw the pictures of the first limit."""
    run = limit_run(["xenonnt-2022-er"], "magnetic-moment", "mu_eff")
    ends = run.limit.bayesian.intervals if run.limit.bayesian is not None else ()
    return {
        "spectrum": plots.draw_spectrum(spectrum_of(run, "xenonnt-2022-er")),
        "profile": profile_of(run),
        "corner": plots.draw_corner(
            run.columns, "mu_eff", run.limit.experiments, intervals=ends, most=4
        ),
    }


def modes() -> Figure:
    """Draw profile and posterior of a charge radius: two solutions."""
    run = limit_run(["xenonnt-2022-er"], "charge-radius", "r2_ee")
    return profile_of(run)


@style.styled
def profiles() -> Figure:
    """Draw the figure of howto/figure.md."""
    groups = {
        "XENONnT": ["xenonnt-2022-er"],
        "LZ": ["lz-2022-er"],
        "both": ["xenonnt-2022-er", "lz-2022-er"],
    }
    figure = Figure(figsize=(3.4, 2.6), layout="constrained")
    axes = figure.add_subplot()
    for label, names in groups.items():
        curve = profile_scan(names, "magnetic-moment", "mu_eff")
        axes.plot(curve.values, curve.delta_chi2, label=label)
    axes.axhline(2.706, color="0.5", lw=0.8, ls="--")
    axes.set(xlim=(0, 1.5), ylim=(0, 6), ylabel=r"$\Delta\chi^2$")
    axes.set_xlabel(r"$\mu_\nu^\mathrm{eff}$ [$10^{-11}\,\mu_\mathrm{B}$]")
    axes.legend(frameon=False, fontsize=8)
    return figure


if __name__ == "__main__":
    pictures = {
        "recoil-spectra": recoil_spectra(),
        "modes": modes(),
        "profiles": profiles(),
        **demo(),
    }
    for name, picture in pictures.items():
        picture.savefig(IMAGES / f"{name}.png", dpi=140)
