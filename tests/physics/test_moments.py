"""Flux moments against adaptive quadrature of the same spectra."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from bayesnu.errors import InputError
from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.fluxes import solar_fluxes
from bayesnu.physics.sources.sun.spectra import (
    COMPONENTS,
    ContinuousSpectrum,
    SpectrumOptions,
    endpoint_energy,
    line_energies,
    spectrum,
)

POWERS = (
    lambda energy: 1.0,
    lambda energy: 1 / energy,
    lambda energy: energy**-2.0,
    lambda energy: np.log(energy),
)
CONTINUOUS = ("pp", "hep", "b8", "n13", "o15", "f17")


def cell_by_cell(table: ContinuousSpectrum, low: float, integrand) -> float:
    """Adaptive quadrature between the kinks of the table."""
    knots = np.unique(np.concatenate([[low], table.energy[table.energy > low]]))
    return sum(
        quad(
            lambda energy: np.interp(energy, table.energy, table.density) * integrand(energy),
            start,
            stop,
            epsabs=0,
            epsrel=1e-12,
        )[0]
        for start, stop in itertools.pairwise(knots)
    )


@pytest.mark.parametrize("component", CONTINUOUS)
@pytest.mark.parametrize("weight", [None, lambda energy: 0.3 + 0.2 / (1 + energy)])
def test_moments_agree_with_adaptive_quadrature(component, weight):
    table = spectrum(component)
    thresholds = endpoint_energy(component) * np.array([0.013, 0.21, 0.777])
    found = flux_moments(component, thresholds, weight)
    for column, low in enumerate(thresholds):
        for row, power in enumerate(POWERS):
            expected = cell_by_cell(
                table, low, lambda e, p=power: p(e) * (1 if weight is None else weight(e))
            )
            # 12-point Gauss-Legendre in ln E leaves 1e-11; asked for is 1e-8. The moment of
            # ln E passes through zero, hence the absolute part.
            assert found[row, column] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_moments_do_not_depend_on_the_order_of_thresholds():
    thresholds = np.array([0.3, 0.01, 0.2])
    ascending = flux_moments("pp", np.sort(thresholds))
    np.testing.assert_array_equal(flux_moments("pp", thresholds), ascending[:, [2, 0, 1]])


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_is_normalised_and_empty_above_its_endpoint(component):
    end = endpoint_energy(component)
    everything, nothing = flux_moments(component, [0.0, end * 1.0001]).T
    # Below 1 keV up to 1e-7 of a flux is ignored.
    assert everything[0] == pytest.approx(1.0, abs=1e-7)
    assert (nothing == 0).all()


def test_a_line_counts_fully_up_to_its_energy():
    below, above = flux_moments("be7", [0.3841, 0.38411]).T
    assert below[0] == pytest.approx(1.0, abs=1e-15)
    assert above == pytest.approx(
        [0.897, 0.897 / 0.8618, 0.897 / 0.8618**2, 0.897 * np.log(0.8618)], rel=1e-14
    )
    assert line_energies("be7") == (0.3841, 0.8618)
    assert line_energies("pep") == (1.442,)
    assert line_energies("pp") == ()


def test_be7_line_shapes_hold_the_branching_fractions():
    shapes = SpectrumOptions(be7="shapes")
    between = flux_moments("be7", [0.0, 0.5], options=shapes)
    assert between[0] == pytest.approx([1.0, 0.897], abs=1e-12)
    # Thermal broadening shifts the mean inverse energy by about 1.3 keV / 862 keV.
    assert between[1, 1] == pytest.approx(0.897 / 0.8618, rel=2e-3)


def test_fluxes_take_a_model_or_a_mapping_and_refuse_the_rest():
    assert solar_fluxes("GS98")["pp"] == (5.98e10, 0.006)
    assert solar_fluxes("AGSS09met")["be7"] == (4.50e9, 0.06)
    assert tuple(solar_fluxes()) == COMPONENTS
    own = solar_fluxes({"b8": (5.25e6, 0.04), "pp": 6e10})
    assert own == {"pp": (6e10, 0.006), "b8": (5.25e6, 0.04)}
    for wrong in ("BP04", {"b9": 1.0}, {"b8": -1.0}, {"b8": float("nan")}):
        with pytest.raises(InputError):
            solar_fluxes(wrong)
    with pytest.raises(InputError, match="component"):
        spectrum("b9")
