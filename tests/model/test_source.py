"""Rates know a source by what it promises: fluxes, norms, lines and moments by state."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pytest

from bayesnu.experiments.loading import load
from bayesnu.files.tables import Table
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import RecoilRate, recoil_rate
from bayesnu.physics.constants import SECONDS_PER_YEAR, XENON_ATOMS_PER_TONNE
from bayesnu.physics.cross_sections.kinematics import minimum_energy
from bayesnu.physics.signals import MagneticMoment, StandardModel
from bayesnu.physics.source import COHERENCES, STATES, Basis, Norm, Source, SourceOptions
from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.oscillation import survival_interpolator, survival_low_energy
from bayesnu.physics.sources.sun.sun import sun
from bayesnu.physics.targets.target import electrons
from bayesnu.physics.treatment import Neutrinos


@pytest.mark.parametrize("survival", ["low-energy", "msw"])
@pytest.mark.parametrize("component", ["pp", "be7", "b8"])
def test_states_of_the_sun_add_up_to_its_flux(survival: str, component: str) -> None:
    treatment = Neutrinos(components=(component,), survival=survival)  # type: ignore[arg-type]
    source, threshold = sun(treatment), np.array([0.0, 0.1, 0.3])
    assert source.states("flavour") == STATES["flavour"][:3]  # no antineutrinos
    assert source.states("mass") == STATES["mass"]
    for basis in STATES:
        found = source.moments(component, threshold, basis)
        assert tuple(found) == source.states(basis)
        total = flux_moments(component, threshold)
        # Of a density matrix the trace.
        whole = sum(moments for state, moments in found.items() if state not in COHERENCES)
        np.testing.assert_allclose(whole, total, rtol=1e-12)


def test_components_of_the_sun_have_a_norm_each_or_one_in_common() -> None:
    each = sun(Neutrinos(flux_sigma={"pp": 0.02}))
    assert each.norm("pp") == Norm("flux_pp", 0.02)
    assert each.norm("be7") == Norm("flux_be7", each.relative_sigma["be7"])
    common = sun(Neutrinos(common_flux_sigma=0.07))
    assert {common.norm(name) for name in common.flux} == {Norm("flux_solar", 0.07)}


@pytest.mark.parametrize("name", ["xenonnt-2022-er", "xenonnt-2022-er@khan-2022"])
def test_counts_are_the_response_to_flux_times_coefficients_times_moments(name: str) -> None:
    """As written in docs/rates.md, flavour by flavour, with none of the rate's own steps."""
    experiment, signal = load(name), StandardModel()
    treatment, source = experiment.neutrinos, sun(experiment.neutrinos)
    target = electrons(experiment.grid.energy, treatment)
    threshold = minimum_energy(experiment.grid.energy, target.mass)
    for component, counts in recoil_rate(experiment).counts(signal, {}).items():
        total = flux_moments(component, threshold)
        if treatment.survival == "msw":
            weight = survival_interpolator(component, source.parameters, treatment.flux_model)
            survived = flux_moments(component, threshold, weight)
        else:
            survived = survival_low_energy(source.parameters) * total
        s23 = source.parameters.sin2_theta23
        arriving = {
            "e": survived,
            "mu": (1.0 - s23) * (total - survived),
            "tau": s23 * (total - survived),
        }
        rate = sum(
            process.coefficients.fold(moments)
            for flavour, moments in arriving.items()
            for process in signal.on_electrons(target, flavour, {})
        )
        norm = XENON_ATOMS_PER_TONNE * SECONDS_PER_YEAR * source.flux[component]
        np.testing.assert_allclose(counts, experiment.response @ (norm * rate), rtol=1e-12)


@dataclass(frozen=True)
class Lamp:
    """Muon neutrinos of one energy."""

    label: str = "lamp_nu"
    flux: dict[str, float] = field(default_factory=lambda: {"line": 1e10})
    breaks: tuple[float, ...] = (0.5,)
    energy: float = 0.5

    def norm(self, component: str) -> Norm:
        return Norm("flux_lamp", 0.05)

    def states(self, basis: Basis) -> tuple[str, ...]:
        return STATES[basis]

    def lines(self, component: str) -> tuple[float, ...]:
        return (self.energy,)

    def moments(self, component: str, threshold: np.ndarray, basis: Basis) -> dict[str, np.ndarray]:
        powers = np.array([1.0, 1.0 / self.energy, self.energy**-2.0, np.log(self.energy)])
        reached = powers[:, None] * (threshold <= self.energy)
        return {state: reached * (state == "mu") for state in STATES[basis]}


class LampOptions(SourceOptions):
    """Nothing can be said of it."""

    kind: Literal["lamp"] = "lamp"

    def arriving(
        self, treatment: Neutrinos, tables: Mapping[str, Table], **changes: float
    ) -> Source:
        return Lamp()


def test_a_source_of_ones_own_goes_through_rate_and_likelihood() -> None:
    found = load("xenonnt-2022-er")
    file = found.file.model_copy(update={"source": LampOptions()})
    experiment = replace(found, name="lamp", file=file)
    rate = RecoilRate(experiment)
    assert set(rate.counts(StandardModel(), {})) == {"line"}
    # Electron neutrinos alone would carry this moment: the lamp has none.
    unseen = rate.counts(MagneticMoment(), {"mu_e": 1.0})["line"]
    np.testing.assert_array_equal(unseen, rate.counts(StandardModel(), {})["line"])
    likelihood = build_likelihood([experiment], MagneticMoment(), ["mu_mu"])
    assert "flux_lamp" in likelihood.names and "flux_pp" not in likelihood.names
    assert ("lamp", "lamp_nu") in likelihood.labels
