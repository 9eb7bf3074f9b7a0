"""Fluxes of solar neutrinos as results, in units of the model's."""

import numpy as np
import pytest

from bayesnu import InputError, StandardModel, likelihood_of, limit, load
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import SolarFlux

ELECTRONS = ["xenonnt-2022-er", "lz-2024-er", "pandax4t-2024-er"]
NUCLEI = ["xenonnt-2026-8b", "pandax4t-2024-8b"]
SIGNAL = "solar-flux"


def test_a_flux_multiplies_its_component_and_nothing_else() -> None:
    rate = recoil_rate(load("xenonnt-2026-8b"))
    standard = rate.counts(StandardModel(), {})
    found = rate.counts(SolarFlux(), {"flux_b8": 1.7})
    np.testing.assert_allclose(found["b8"], 1.7 * standard["b8"], rtol=1e-12)
    np.testing.assert_array_equal(found["hep"], standard["hep"])


def test_the_flux_that_is_measured_has_no_nuisance_and_the_others_keep_theirs() -> None:
    def roles(*free: str, **fixed: float) -> dict[str, str]:
        of = likelihood_of(["xenonnt-2022-er"], SIGNAL, free, fixed=fixed)
        return {p.name: p.role for p in of.parameters if p.name.startswith("flux")}

    assert roles("flux_pp") == {"flux_pp": "signal", "flux_be7": "flux"}
    assert roles("flux_pp", "flux_be7") == {"flux_pp": "signal", "flux_be7": "signal"}
    assert roles("flux_pp", flux_be7=1.2) == {"flux_pp": "signal"}


def test_one_nuisance_for_all_fluxes_is_that_of_the_others_alone() -> None:
    of = likelihood_of(["xenonnt-2022-er@khan-2022"], SIGNAL, ["flux_pp"])
    factors = {of.names[i] for row in of.factors for i in row if i < len(of.names)}
    assert {"flux_pp", "flux_solar"} <= factors
    both = {of.index("flux_pp"), of.index("flux_solar")}
    assert not any(both <= set(row) for row in of.factors.tolist())


def test_the_unit_is_the_flux_of_the_model_or_of_the_file() -> None:
    # GS98 of B16: 5.98e10 and 4.93e9; the 8B files have the flux that was measured.
    units = {
        name: limit([experiment], SIGNAL, name, method="profile", level=0.68).unit
        for experiment, name in (
            ("xenonnt-2022-er", "flux_pp"),
            ("xenonnt-2022-er", "flux_be7"),
            ("xenonnt-2026-8b", "flux_b8"),
        )
    }
    assert units == {
        "flux_pp": "5.98e+10 cm-2 s-1",
        "flux_be7": "4.93e+09 cm-2 s-1",
        "flux_b8": "5.25e+06 cm-2 s-1",
    }


def test_the_8b_flux_of_coherent_scattering_is_the_suns() -> None:
    ((low, high),) = limit(
        NUCLEI, SIGNAL, "flux_b8", level=0.68, method="profile"
    ).frequentist.intervals
    assert 0.3 < low < 1.0 < high < 3.0


def test_the_pp_flux_of_electrons_agrees_with_the_solar_model_and_pandax4t() -> None:
    """PandaX-4T Run 2, other data: (8.5 +- 3.5)e10 cm-2 s-1 (recalled)."""
    ((low, high),) = limit(
        ELECTRONS, SIGNAL, "flux_pp", level=0.68, method="profile"
    ).frequentist.intervals
    assert low < 1.0 < high
    assert low * 5.98 < 8.5 < high * 5.98


def test_no_flux_is_a_best_fit_and_a_limit_follows() -> None:
    found = limit(["xenonnt-2026-8b"], SIGNAL, "flux_hep", method="profile").frequentist
    assert found.best_fit == 0.0
    ((low, high),) = found.intervals
    assert low is None and 0.0 < high < 1e3
    assert any("no lower limit at this level: Delta chi2 is 0 at zero" in n for n in found.notes)


def test_a_flux_that_an_experiment_does_not_count_is_refused() -> None:
    with pytest.raises(InputError, match="no effect on the counts"):
        limit(["xenonnt-2022-er"], SIGNAL, "flux_b8")
    with pytest.raises(InputError, match="no effect on the counts"):
        limit(["conus-plus-2025"], SIGNAL, "flux_pp")
    with pytest.raises(InputError, match="at least 0"):
        limit(["xenonnt-2022-er"], SIGNAL, "flux_pp", fixed={"flux_be7": -1.0})
