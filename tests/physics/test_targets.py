"""Elements and compounds: isotopes, electrons and photoabsorption, from tables and a library."""

import numpy as np
import pytest
from monte_carlo import generator

from bayesnu.errors import InputError
from bayesnu.experiments.electron import lowest_recoil
from bayesnu.physics import constants as const
from bayesnu.physics.targets import atom, form_factors, nuclei
from bayesnu.physics.targets.material import elements, material
from bayesnu.physics.targets.target import scatterers
from bayesnu.physics.treatment import Neutrinos

ALL = tuple(elements())


def test_elements_are_those_with_natural_isotopes():
    assert len(ALL) == 83 and {"H", "Ge", "Xe", "Pb"} <= set(ALL) and "Tc" not in ALL


@pytest.mark.parametrize("symbol", ALL)
def test_isotopes_of_an_element_weigh_what_it_weighs(symbol):
    isotopes = nuclei.isotopes(symbol)
    assert sum(isotope.abundance for isotope in isotopes) == pytest.approx(1.0, rel=1e-12)
    electrons = elements()[symbol].z * const.ELECTRON_MASS_KEV
    masses = np.array([isotope.mass + electrons for isotope in isotopes])
    # Within 1% of the mass number: 8 MeV of 931 are binding.
    numbers = np.array([isotope.a for isotope in isotopes])
    np.testing.assert_allclose(masses / const.ATOMIC_MASS_UNIT_KEV, numbers, rtol=0.01)
    mean = nuclei.average(symbol).mass + electrons
    # Abundances differ between samples: lithium and lead by the most.
    rough = 5e-3 if symbol in ("Li", "B", "Pb") else 3e-4
    assert mean / const.ATOMIC_MASS_UNIT_KEV == pytest.approx(
        elements()[symbol].molar_mass, rel=rough
    )


@pytest.mark.parametrize("symbol", [s for s in ALL if s != "Xe"])
def test_shells_hold_the_electrons_of_the_atom(symbol):
    z, held = elements()[symbol].z, sum(atom.shells(symbol).values())
    assert z - 10 <= held <= z  # the outermost shell is in no table of some
    numbers = atom.effective_electrons(np.geomspace(1e-3, 200, 500), symbol)
    assert (np.diff(numbers) >= 0).all() and numbers[-1] == z
    edges = atom.edges(symbol)
    steps = atom.effective_electrons(np.nextafter(edges, 999), symbol)
    assert steps[-1] == z and (steps > atom.effective_electrons(edges, symbol)).all()


def test_electrons_of_germanium_are_the_published_ones():
    """Steps of Z_eff as in arXiv:2205.09484, Table II, down to the M edges; below 30 eV four."""
    recoil = np.array([0.01, 0.03, 0.122, 0.15, 0.5, 1.23, 1.3, 1.5, 11.2])
    published = [4, 14, 18, 20, 22, 26, 28, 30, 32]
    assert atom.effective_electrons(recoil, "Ge").tolist() == published


def test_other_elements_get_from_the_library_what_xenon_has_from_the_paper():
    # Among the outermost ones, the paper's table is another: ten electrons above 23 eV.
    recoil = np.geomspace(0.07, 100, 2000)
    edges = atom.edges("Xe")
    # Edges of the two differ in the last digit: not where steps are that close.
    apart = np.abs(recoil[:, None] / edges - 1).min(axis=1) > 0.02
    shells = atom.shells("Xe")
    counted = sum(held * (recoil > edge) for edge, held in shells.items())
    np.testing.assert_array_equal(counted[apart], atom.effective_electrons(recoil[apart]))


def test_photoabsorption_of_germanium_is_that_of_nist():
    """Most of NIST's total attenuation (XCOM): 1893 cm2/g at 1 keV and 37.4 at 10 keV."""
    gram = elements()["Ge"].molar_mass / const.AVOGADRO_PER_MOL
    share = atom.photoabsorption([1.0, 10.0], "Ge") / gram / [1893, 37.4]
    # Scattering is 4% at 10 keV; the tables of Chantler and of NIST differ by some percent.
    assert ((share > 0.9) & (share < 1.0)).all()


def test_a_compound_is_the_sum_of_its_atoms():
    csi, cesium, iodine = material("CsI"), material("Cs"), material("I")
    assert csi.molar_mass == pytest.approx(132.905 + 126.904, abs=2e-3)
    assert material("C9H12").molar_mass == pytest.approx(120.195, abs=2e-3)
    assert material("HOH").atoms == material("H2O").atoms
    recoil, treatment = np.array([1.0, 10.0, 34.0]), Neutrinos()
    for kind in ("electrons", "nuclei"):
        parts = [*scatterers(kind, recoil, treatment, cesium)]
        parts += scatterers(kind, recoil, treatment, iodine)
        found = scatterers(kind, recoil, treatment, csi)
        assert [p.mass for p in found] == [p.mass for p in parts]
        assert [p.abundance for p in found] == [p.abundance for p in parts]
    carbon, hydrogen = scatterers("electrons", recoil, treatment, material("C9H12"))
    assert (carbon.abundance, hydrogen.abundance) == (9, 12)
    np.testing.assert_array_equal(hydrogen.number, 1.0)
    isotopes = scatterers("nuclei", recoil, treatment, material("C9H12"))
    assert sum(n.abundance for n in isotopes) == pytest.approx(21)
    free = Neutrinos(atomic="free")
    assert scatterers("electrons", recoil, free, csi)[1].number.tolist() == [53.0] * 3


def test_xenon_is_as_in_the_papers():
    xenon = material("Xe")
    assert xenon.units_per_tonne == const.XENON_ATOMS_PER_TONNE
    assert lowest_recoil(xenon) == 0.0122
    assert len(nuclei.isotopes("Xe")) == 9


@pytest.mark.parametrize(
    "formula", ["", "xe", "XE", "Xx", "Xe0", "Ge-76", "2Ge", "Xe 2", "Tc", "(CH)2"]
)
def test_what_is_no_formula_is_refused_in_one_sentence(formula):
    with pytest.raises(InputError, match="expected symbols of elements with numbers"):
        material(formula)


@pytest.mark.parametrize("shape", ["helm", "klein-nystrand"])
def test_a_form_factor_of_a_radius_is_the_transform_of_a_sphere_with_a_skin(shape):
    """int_0^R 3 r^2/R^3 sin(qr)/(qr) dr, times that of the skin, at random radii and transfers."""
    rng = generator(12)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    hbar_c = 197.3269804  # MeV fm
    for radius, q in zip(rng.uniform(2.0, 9.0, 200), 10 ** rng.uniform(-1, 2.2, 200), strict=True):
        wave = q / hbar_c
        # The skin of each is known, and so what is left of <r^2> for the sphere.
        if shape == "helm":
            skin, left = np.exp(-((0.9 * wave) ** 2) / 2), radius**2 - 3 * 0.9**2
        else:
            skin, left = 1 / (1 + (0.7 * wave) ** 2), radius**2 - 6 * 0.7**2
        sphere = np.sqrt(5 / 3 * left)
        r = sphere * (1 + nodes) / 2
        transform = (3 * r**2 / sphere**3 * np.sinc(wave * r / np.pi)) @ weights * sphere / 2
        found = form_factors.of_radius(np.array([q]), radius, shape)[0]
        assert found == pytest.approx(transform * skin, rel=1e-10, abs=1e-12)


def test_a_form_factor_falls_by_a_sixth_of_the_square_of_its_radius():
    q = np.array([0.5])
    wave = q / 197.3269804
    for shape in ("helm", "klein-nystrand"):
        slope = (1 - form_factors.of_radius(q, 4.8, shape)) * 6 / wave**2
        assert slope == pytest.approx(4.8**2, rel=1e-4)


def test_the_radius_that_a_file_has_gives_its_own_form_factor():
    q = np.geomspace(0.1, 120.0, 50)
    a = 132.0
    central = 1.23 * a ** (1 / 3) - 0.6
    helm = np.sqrt(3 / 5 * (central**2 + 7 / 3 * (np.pi * 0.52) ** 2 - 5 * 0.81) + 3 * 0.81)
    yukawa = np.sqrt(3 / 5 * (1.23 * a ** (1 / 3)) ** 2 + 6 * 0.49)
    found = form_factors.of_radius(q, helm, "helm")
    np.testing.assert_allclose(found, form_factors.helm(q, a), rtol=1e-11)
    found = form_factors.of_radius(q, yukawa, "klein-nystrand")
    np.testing.assert_allclose(found, form_factors.klein_nystrand(q, a), rtol=1e-11)
