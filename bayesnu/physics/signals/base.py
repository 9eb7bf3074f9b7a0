"""What a signal is: parameters, and how they change the cross section of each flavour."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

from bayesnu.errors import InputError
from bayesnu.physics.cross_sections import coherent, elastic_electron
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS
from bayesnu.physics.cross_sections.flavour_matrix import Element
from bayesnu.physics.signals.process import Process as Process
from bayesnu.physics.signals.process import as_seen_by
from bayesnu.physics.targets.target import Electrons, Nucleus

Values = Mapping[str, Any]

NUCLEAR_CHANNELS = ("nuclear-recoil", "quenched-recoil")
"""Channels of experiments that see recoils of nuclei alone, or first of all."""


@dataclass(frozen=True)
class SignalParameter:
    """A parameter of a signal, in O(1) units.

    Attributes
    ----------
    unit : str
        ``1e-11 mu_B``; `scale` is its value in the plain unit that the formulas use.
    latex : str
        For plots.
    one_sided : bool
        Only the size matters: non-negative, and its limit is an upper limit.
    reach : float
        Default prior range: [0, reach] or [-reach, reach]; far beyond any present limit.
    probe : float
        Size at which the effect on present data is large, to extract polynomials.
    sets : tuple of str
        The elementary parameters that an effective one sets together.
    shape : bool
        Not polynomial (a mass): it is held fixed while the others are fitted, or free in a
        posterior that is sampled through the graph of the model.
    zero : bool
        Whether zero has a meaning where `shape` is True (a mediator without a mass): it is then
        held at zero, and said to be, where nobody gives a value. Otherwise a value is required.
    lowest : float or None
        Where the prior begins if it is not as `reach` says: that of a mass if it is free, or of
        what is not one-sided and yet cannot be negative.
    most : float
        The largest value that has a meaning; no range goes beyond.
    standard : float
        Its value in the Standard Model, which it has where nobody gives one.
    phase : str
        Of a size, the angle with which it is a complex number; empty if it is none.
    periodic : bool
        An angle on [-reach, reach]: it enters through its cosine and sine only, and into solar
        counts as the `phase` of a size only.
    """

    name: str
    unit: str
    latex: str
    scale: float
    one_sided: bool
    reach: float
    probe: float = 10.0
    sets: tuple[str, ...] = ()
    shape: bool = False
    zero: bool = False
    periodic: bool = False
    lowest: float | None = None
    most: float = inf
    standard: float = 0.0
    phase: str = ""


class Signal:
    """Base of all signals.

    A subclass names its parameters and overrides what it changes: the couplings
    (`electron_shifts`), what is added without interference (`electron_processes`), the weak
    interaction itself (`changed_electrons`) or the flux (`flux_factor`).
    These say what neutrinos do; what antineutrinos do follows by crossing (`on_electrons`).
    The sum is a polynomial in the parameters of total degree `degree`. `nuclear_parameters` are
    the same parameters in the units and ranges of questions to nuclear recoils alone; None where
    they are the same. One that `propagates` changes neutrinos on their way too: no polynomial.
    """

    tag: str
    title: str
    parameters: tuple[SignalParameter, ...]
    nuclear_parameters: ClassVar[tuple[SignalParameter, ...] | None] = None
    degree: ClassVar[int] = 2
    reference: ClassVar[str] = ""
    sees_mass_states: ClassVar[bool] = False
    has_fluxes: ClassVar[bool] = False
    """Whether its parameters are the fluxes themselves, whose nuisances then do not act."""
    one_material: ClassVar[bool] = False
    """Whether its parameters are those of one material: experiments on others do not share them."""
    sees_density_matrix: ClassVar[bool] = False
    propagates: ClassVar[bool] = False

    def parameter(self, name: str) -> SignalParameter:
        """Return a parameter by name.

        Raises
        ------
        InputError
            If this signal has no such parameter.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        names = ", ".join(parameter.name for parameter in self.parameters)
        raise InputError(f"signal {self.tag}", "parameter", found=repr(name), expected=names)

    def for_channel(self, channel: str) -> Signal:
        """Return the signal in the units and ranges of a channel."""
        if channel not in NUCLEAR_CHANNELS or self.nuclear_parameters is None:
            return self
        found = copy.copy(self)
        found.parameters = self.nuclear_parameters
        return found

    @property
    def has_couplings(self) -> bool:
        """Whether there are others than shapes: then these are masses, of what couples."""
        return any(not p.shape for p in self.parameters)

    def elementary(self) -> tuple[str, ...]:
        """Return the parameters that a fit of all parameters frees."""
        return tuple(p.name for p in self.parameters if not p.sets and not p.shape)

    def physical(self, values: Values) -> dict[str, Any]:
        """Return every elementary parameter in plain units, effective ones spread out.

        Parameters
        ----------
        values : mapping
            Some parameters in their O(1) units; the others have their standard values.
        """
        result: dict[str, Any] = {
            p.name: 0.0 if p.name in values else p.standard * p.scale
            for p in self.parameters
            if not p.sets
        }
        for name, value in values.items():
            parameter = self.parameter(name)
            for target in parameter.sets or (name,):
                result[target] = result[target] + value * parameter.scale
        return result

    def line_end_points(self, energy: float, mass: float, values: Values) -> tuple[float, ...]:
        """Return the recoil energies at which a line of the sun begins and ends, if not elastic.

        Parameters
        ----------
        energy : float
            Neutrino energy of the line, MeV.
        mass : float
            Of the target, keV.
        values : mapping
            Plain units, as `physical` returns.

        Returns
        -------
        tuple of float
            keV; the rate jumps there, so they belong on the recoil grid. Those of elastic
            scattering are on it already.
        """
        return ()

    def changed_electrons(self, electrons: Electrons, values: Values) -> Electrons:
        """Return the electrons of an atom with what the signal changes of the weak interaction."""
        return electrons

    def changed_nucleus(self, nucleus: Nucleus, values: Values) -> Nucleus:
        """Return a nucleus with what the signal changes of the weak interaction."""
        return nucleus

    def flux_factor(self, component: str, values: Values) -> Any:
        """Return what a component of the source is multiplied with: float or tensor."""
        return 1.0

    def with_fluxes(self, flux: Mapping[str, float]) -> Signal:
        """Return the signal in the units of a question to a sun of these fluxes, cm-2 s-1."""
        return self

    def source_changes(self, values: Values) -> Mapping[str, Any]:
        """Return the oscillation parameters that it changes; used if `propagates`."""
        return {}

    def electron_shifts(self, electrons: Electrons, flavour: str, values: Values) -> Any:
        """Return what is added to g_V and g_A of a flavour: (float or ndarray, same)."""
        return 0.0, 0.0

    def electron_processes(
        self, electrons: Electrons, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return what is added without interference, per atom."""
        return ()

    def on_electrons(self, electrons: Electrons, state: str, values: Values) -> tuple[Process, ...]:
        """Return all processes of a neutrino or antineutrino on the electrons of an atom.

        Parameters
        ----------
        state : {"e", "mu", "tau", "anti_e", "anti_mu", "anti_tau"}
        values : mapping
            Plain units, as `physical` returns.
        """
        flavour = ANTINEUTRINOS.get(state, state)
        electrons = self.changed_electrons(electrons, values)
        energy = electrons.recoil_energy
        g_v = getattr(electrons.couplings.g_v, flavour)
        g_a = getattr(electrons.couplings.g_a, flavour)
        shift_v, shift_a = self.electron_shifts(electrons, flavour, values)
        standard = elastic_electron.coefficients(energy, g_v, g_a)
        shifted = elastic_electron.coefficients(energy, g_v + shift_v, g_a + shift_a)
        correction = (electrons.standard_model_factor - 1.0) * standard
        weak = electrons.number * (shifted + correction)
        found = (Process(weak), *self.electron_processes(electrons, flavour, values))
        return as_seen_by(state, found, electrons)

    def electrons_of_mass_state(
        self, electrons: Electrons, state: str, values: Values
    ) -> tuple[Process, ...]:
        """Return what a mass state adds on electrons; used if `sees_mass_states`.

        Parameters
        ----------
        state : {"1", "2", "3"}
        values : mapping
            Plain units, as `physical` returns.
        """
        return ()

    def nucleus_of_mass_state(
        self, nucleus: Nucleus, state: str, values: Values
    ) -> tuple[Process, ...]:
        """Return what a mass state adds on a nucleus; used if `sees_mass_states`."""
        return ()

    def electrons_of_element(
        self, electrons: Electrons, element: Element, values: Values
    ) -> tuple[Process, ...]:
        """Return what an element of rho adds to Tr(rho M); used if `sees_density_matrix`."""
        return ()

    def nucleus_of_element(
        self, nucleus: Nucleus, element: Element, values: Values
    ) -> tuple[Process, ...]:
        """Return what an element of the density matrix adds on a nucleus."""
        return ()

    def charge_shift(self, nucleus: Nucleus, flavour: str, values: Values) -> Any:
        """Return what is added to the weak charge of a nucleus: float or ndarray."""
        return 0.0

    def nucleus_processes(
        self, nucleus: Nucleus, flavour: str, values: Values
    ) -> tuple[Process, ...]:
        """Return what is added on a nucleus without interference."""
        return ()

    def on_nucleus(self, nucleus: Nucleus, state: str, values: Values) -> tuple[Process, ...]:
        """Return all processes of a neutrino or antineutrino on a nucleus, per nucleus."""
        flavour = ANTINEUTRINOS.get(state, state)
        nucleus = self.changed_nucleus(nucleus, values)
        charge = nucleus.charge_of(flavour) + self.charge_shift(nucleus, flavour, values)
        weak = coherent.coefficients(
            nucleus.recoil_energy, charge, nucleus.mass, nucleus.form_factor_squared
        )
        found = (Process(weak), *self.nucleus_processes(nucleus, flavour, values))
        return as_seen_by(state, found, nucleus)


class StandardModel(Signal):
    """No signal: weak interactions alone."""

    tag = "standard-model"
    title = "Standard Model"
    parameters = ()
    degree = 0
