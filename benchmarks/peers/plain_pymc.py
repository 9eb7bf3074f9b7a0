"""The same posterior as a PyMC model written straight down: the energy integral in the graph.

Every evaluation computes the cross section at all neutrino energies above the threshold of each
recoil energy, sums over the solar spectrum, and folds with the response. Fluxes, spectra,
response and backgrounds are bayesnu's; the formulas are written as in the papers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections.electroweak import tree_level_couplings
from bayesnu.physics.cross_sections.kinematics import minimum_energy
from bayesnu.physics.sources.sun.oscillation import survival_low_energy
from bayesnu.physics.sources.sun.spectra import LineSpectrum, spectrum
from bayesnu.physics.sources.sun.sun import sun
from bayesnu.physics.targets.atom import effective_electrons

ENERGIES = 24
"""Neutrino energies above the threshold of each recoil; the rate is then good to 2e-4."""

MOMENT_UNIT = 1e-11


def plain_model(likelihood: Likelihood, experiment: Experiment, energies: int = ENERGIES) -> Any:
    """Return a PyMC model of the magnetic moment in one electron-recoil experiment.

    Parameters
    ----------
    likelihood : Likelihood
        Says which parameters there are, with which priors, and the backgrounds' templates.
    experiment : Experiment
        With ``survival = "low-energy"`` and tree-level couplings, as ``xenonnt-2022-er`` has.
    energies : int
        Nodes of the integral over a continuous spectrum.
    """
    treatment = experiment.neutrinos
    assert (treatment.survival, treatment.couplings) == ("low-energy", "tree")
    source = sun(treatment)
    recoil = experiment.grid.energy
    atoms = const.XENON_ATOMS_PER_TONNE * const.SECONDS_PER_YEAR
    couplings = tree_level_couplings(treatment.sin2_theta_w)
    with pm.Model() as model:
        free = {p.name: _variable(p) for p in likelihood.parameters}
        electron_recoil = pm.Data("recoil_keV", recoil)[:, None]
        electrons = pm.Data("electrons", atoms * effective_electrons(recoil))
        survival = pm.Data("survival", survival_low_energy(source.parameters))
        response = pm.Data("response", experiment.response)
        expected: Any = 0.0
        for component, flux in source.flux.items():
            energy_nodes, weight_nodes = _nodes(component, recoil, energies)
            energy = pm.Data(f"energy_{component}", energy_nodes)
            weight = pm.Data(f"weight_{component}", flux * weight_nodes)
            mu = MOMENT_UNIT * free["mu_eff"]
            cross_section = (
                survival * _weak(electron_recoil, energy, couplings.g_v.e, couplings.g_a.e)
                + (1.0 - survival)
                * _weak(electron_recoil, energy, couplings.g_v.mu, couplings.g_a.mu)
                + _magnetic(electron_recoil, energy, mu)
            )
            rate = electrons * (weight * cross_section).sum(axis=1)
            expected = expected + free[f"flux_{component}"] * (response @ rate)
        for row, (_, label) in enumerate(likelihood.labels):
            if label != "solar_nu":
                norm = likelihood.names[likelihood.factors[row].min()]
                expected = expected + free[norm] * pm.Data(label, likelihood.templates[row])
        pm.Deterministic("expected", pt.maximum(expected, 1e-10))
        pm.Poisson("counts", model["expected"], observed=likelihood.observed)
    return model


def _weak(recoil: Any, energy: Any, g_v: float, g_a: float) -> Any:
    """Return dsigma/dT on a free electron, cm2 / keV; giunti-ternes-2023, Eq. 3."""
    y = const.KEV_IN_MEV * recoil / energy
    mass = const.KEV_IN_MEV * const.ELECTRON_MASS_KEV
    return const.WEAK_ELECTRON_CM2_PER_KEV * (
        (g_v + g_a) ** 2 + (g_v - g_a) ** 2 * (1.0 - y) ** 2 - (g_v**2 - g_a**2) * mass * y / energy
    )


def _magnetic(recoil: Any, energy: Any, mu: Any) -> Any:
    """Return dsigma/dT of a magnetic moment, cm2 / keV; giunti-ternes-2023, Eq. 6."""
    return const.MAGNETIC_CM2 * mu**2 * (1.0 / recoil - const.KEV_IN_MEV / energy)


def _nodes(component: str, recoil: Any, energies: int) -> tuple[Any, Any]:
    """Return energies (MeV) and weights of the spectrum's integral, shape (recoils, nodes)."""
    table, low = spectrum(component), minimum_energy(recoil, const.ELECTRON_MASS_KEV)[:, None]
    if isinstance(table, LineSpectrum):
        energy = np.repeat(table.energy[None], len(recoil), axis=0)
        return energy, table.weight * (energy >= low)
    x, w = np.polynomial.legendre.leggauss(energies)
    half = 0.5 * np.maximum(table.energy[-1] - low, 0.0)
    energy = table.energy[-1] + half * (x - 1.0)
    return energy, half * w * np.interp(energy, table.energy, table.density, left=0.0, right=0.0)


def _variable(parameter: Parameter) -> Any:
    prior = parameter.prior
    if prior.is_gaussian:
        return pm.TruncatedNormal(
            parameter.name, prior.centre, prior.sigma, lower=prior.low, upper=prior.high
        )
    return pm.Uniform(parameter.name, prior.low, prior.high)
