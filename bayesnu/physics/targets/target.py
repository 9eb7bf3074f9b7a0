"""What a neutrino scatters on, as a signal needs it: electrons and nuclei of a material."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from bayesnu.physics.constants import ELECTRON_MASS_KEV
from bayesnu.physics.cross_sections import coherent
from bayesnu.physics.cross_sections.electroweak import (
    Couplings,
    NucleonCouplings,
    radiative_couplings,
    radiative_nucleon_couplings,
    tree_level_couplings,
)
from bayesnu.physics.targets import atom as atomic
from bayesnu.physics.targets import form_factors
from bayesnu.physics.targets import nuclei as natural
from bayesnu.physics.targets.material import Material, elements
from bayesnu.physics.treatment import Neutrinos
from bayesnu.types import Array


@dataclass(frozen=True)
class Electrons:
    """The electrons of one of the atoms of a material.

    Attributes
    ----------
    recoil_energy : ndarray, shape (nodes,)
        keV.
    number : ndarray, shape (nodes,)
        Electrons per atom that a recoil of this energy can ionise.
    couplings : Couplings
        To each neutrino flavour.
    standard_model_factor : ndarray, shape (nodes,)
        Factor on the Standard-Model cross section (1, or the RRPA-like correction).
    photoabsorption : ndarray or None
        cm2 per atom, where the equivalent photon approximation is wanted.
    neutrino_mass_eV : float
        For the equivalent photon approximation.
    abundance : float
        Such atoms in a formula unit.
    """

    recoil_energy: Array
    number: Array
    couplings: Couplings
    standard_model_factor: Array
    photoabsorption: Array | None
    neutrino_mass_eV: float

    abundance: float = 1.0
    mass: float = ELECTRON_MASS_KEV

    def at_mixing_angle(self, sin2_theta_w: Any) -> Electrons:
        """Return them with the couplings of another weak mixing angle, number or tensor."""
        return replace(self, couplings=self.couplings.at(sin2_theta_w))


@dataclass(frozen=True)
class Nucleus:
    """One isotope of an element, or its average nucleus.

    Attributes
    ----------
    recoil_energy : ndarray, shape (nodes,)
        keV.
    abundance : float
        Such nuclei in a formula unit of the material.
    z, n : float
        Protons and neutrons.
    mass : float
        keV.
    weak_charge : float
        g_V^p Z + g_V^n N, deromeri-2024 Eq. 2: of all flavours, but for what `couplings` say.
    form_factor_squared : ndarray, shape (nodes,)
    form_factor : {"klein-nystrand", "helm"}
    couplings : NucleonCouplings or None
        With radiative corrections; None for those at tree level.
    """

    recoil_energy: Array
    abundance: float
    z: float
    n: float
    mass: float
    weak_charge: float
    form_factor_squared: Array
    form_factor: form_factors.Shape = "klein-nystrand"
    couplings: NucleonCouplings | None = None

    def charge_of(self, flavour: str) -> Any:
        """Return the weak charge that neutrinos of a flavour see."""
        if self.couplings is None:
            return self.weak_charge
        return self.weak_charge + self.z * getattr(self.couplings.photon, flavour)

    @property
    def neutron_coupling(self) -> Any:
        """g_V^n."""
        return -0.5 if self.couplings is None else self.couplings.neutron

    def at_mixing_angle(self, sin2_theta_w: Any) -> Nucleus:
        """Return it with the weak charge of another weak mixing angle, number or tensor."""
        if self.couplings is not None:
            own = self.couplings.at(sin2_theta_w)
            charge = own.proton * self.z + own.neutron * self.n
            return replace(self, couplings=own, weak_charge=charge)
        return replace(self, weak_charge=coherent.weak_charge(self.z, self.n, sin2_theta_w))


def scatterers(
    kind: Literal["electrons", "nuclei"],
    recoil_energy: Array,
    treatment: Neutrinos,
    material: Material,
) -> tuple[Electrons | Nucleus, ...]:
    """Return what neutrinos scatter on in a material, with what is in a formula unit of each."""
    found: list[Electrons | Nucleus] = []
    for element, number in material.atoms:
        each: tuple[Electrons | Nucleus, ...] = (
            (electrons(recoil_energy, treatment, element.symbol),)
            if kind == "electrons"
            else nuclei(recoil_energy, treatment, element.symbol)
        )
        found += [replace(one, abundance=number * one.abundance) for one in each]
    return tuple(found)


def electrons(recoil_energy: Array, treatment: Neutrinos, symbol: str = "Xe") -> Electrons:
    """Return the electrons of an element in the atomic treatment that the file names.

    Parameters
    ----------
    recoil_energy : ndarray, shape (nodes,)
        keV.
    treatment : Neutrinos
        ``atomic``: ``free`` (Z free electrons), ``fea`` (Z_eff steps), ``epa`` (as ``fea``,
        millicharges by the equivalent photon approximation where that is larger), ``rrpa``
        (as ``fea``, the Standard-Model rate times the digitised RRPA ratio; xenon alone).
    """
    ones = np.ones_like(recoil_energy)
    free = treatment.atomic == "free"
    return Electrons(
        recoil_energy=recoil_energy,
        number=(
            elements()[symbol].z * ones
            if free
            else atomic.effective_electrons(recoil_energy, symbol)
        ),
        couplings=couplings(treatment),
        standard_model_factor=(
            atomic.rrpa_ratio(recoil_energy, symbol) if treatment.atomic == "rrpa" else ones
        ),
        photoabsorption=(
            atomic.photoabsorption(recoil_energy, symbol) if treatment.atomic == "epa" else None
        ),
        neutrino_mass_eV=treatment.neutrino_mass_eV,
    )


def nuclei(recoil_energy: Array, treatment: Neutrinos, symbol: str = "Xe") -> tuple[Nucleus, ...]:
    """Return the nuclei of an element: its isotopes, or their average.

    Parameters
    ----------
    recoil_energy : ndarray, shape (nodes,)
        keV.
    treatment : Neutrinos
        ``nuclei``, ``form_factor``, ``sin2_theta_w`` and ``nuclear_couplings`` count.
    """
    kinds = (
        natural.isotopes(symbol) if treatment.nuclei == "isotopes" else (natural.average(symbol),)
    )
    found = []
    for kind in kinds:
        transfer = form_factors.momentum_transfer(recoil_energy, kind.mass)
        shape = (
            form_factors.klein_nystrand(transfer, kind.a)
            if treatment.form_factor == "klein-nystrand"
            else form_factors.helm(transfer, kind.a)
        )
        own = None
        charge = coherent.weak_charge(kind.z, kind.n, treatment.sin2_theta_w)
        if treatment.nuclear_couplings == "radiative":
            own = radiative_nucleon_couplings(treatment.sin2_theta_w)
            charge = own.proton * kind.z + own.neutron * kind.n
        found.append(
            Nucleus(
                recoil_energy,
                kind.abundance,
                kind.z,
                kind.n,
                kind.mass,
                float(charge),
                shape**2,
                treatment.form_factor,
                own,
            )
        )
    return tuple(found)


def couplings(treatment: Neutrinos) -> Couplings:
    """Return the neutrino-electron couplings of the file."""
    if treatment.couplings == "tree":
        return tree_level_couplings(treatment.sin2_theta_w)
    return radiative_couplings(sin2_theta_0=treatment.sin2_theta_w)
