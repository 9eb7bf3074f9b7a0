"""Non-standard interactions of neutrinos with electrons and quarks: matrices of flavours."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import Any, ClassVar

import numpy as np

from bayesnu.errors import InputError
from bayesnu.physics.cross_sections import non_standard
from bayesnu.physics.cross_sections.electroweak import FLAVOURS, PAIRS
from bayesnu.physics.cross_sections.flavour_matrix import Element, FlavourMatrix, diagonal
from bayesnu.physics.signals.base import Process, Signal, SignalParameter, Values
from bayesnu.physics.signals.flavour import LATEX
from bayesnu.physics.sources.sun.matter import Elements, MatterPotential
from bayesnu.physics.targets.target import Electrons, Nucleus

Mixture = Mapping[str, float]
"""What one unit of a combination adds to each matrix."""


def _matrix(kind: str, symbol: str, reach: float, probe: float) -> tuple[SignalParameter, ...]:
    """Return the parameters of a hermitian matrix: of what is off the diagonal in two ways."""

    def real(name: str, latex: str, sets: tuple[str, ...] = ()) -> SignalParameter:
        return SignalParameter(name, "1", latex, 1.0, False, reach, probe, sets)

    found = [
        real(f"eps_{kind}_{f}{f}", rf"\varepsilon^{{{symbol}}}_{{{LATEX[f]}{LATEX[f]}}}")
        for f in FLAVOURS
    ]
    for a, b in PAIRS:
        latex = rf"\varepsilon^{{{symbol}}}_{{{LATEX[a]}{LATEX[b]}}}"
        element = f"{kind}_{a}{b}"
        both = (f"eps_{element}", f"im_{element}")
        found += [
            real(both[0], latex),
            real(both[1], rf"\mathrm{{Im}}\,{latex}"),
            SignalParameter(
                f"size_{element}",
                "1",
                f"|{latex}|",
                1.0,
                one_sided=True,
                reach=reach,
                probe=probe,
                sets=both,
                phase=f"phi_{element}",
            ),
            SignalParameter(
                f"phi_{element}",
                "1 rad",
                rf"\arg\,{latex}",
                1.0,
                one_sided=False,
                reach=pi,
                probe=1.0,
                periodic=True,
            ),
        ]
    return tuple(found)


def _mixture(
    kind: str, symbol: str, mixture: Mixture, reach: float, probe: float
) -> tuple[SignalParameter, ...]:
    """Return the real parameters of a combination of matrices."""
    pairs = (*((f, f) for f in FLAVOURS), *PAIRS)
    return tuple(
        SignalParameter(
            f"eps_{kind}_{a}{b}",
            "1",
            rf"\varepsilon^{{{symbol}}}_{{{LATEX[a]}{LATEX[b]}}}",
            1.0,
            one_sided=False,
            reach=reach,
            probe=probe,
            sets=tuple(f"eps_{own}_{a}{b}" for own in mixture),
        )
        for a, b in pairs
    )


class NonStandard(Signal):
    """Hermitian matrices of flavours, on top of the weak interaction; see `mixtures`.

    An element off the diagonal is real (``eps_L_emu``), has an imaginary part as well
    (``im_L_emu``), or a size and a phase (``size_L_emu``, ``phi_L_emu``).
    """

    reference = "amaral-2023"
    sees_density_matrix = True
    mixtures: ClassVar[Mapping[str, Mixture]] = {}

    def elementary(self) -> tuple[str, ...]:
        """Return the real elements: phases are freed by name."""
        return tuple(p.name for p in self.parameters if p.name.startswith("eps_") and not p.sets)

    def physical(self, values: Values) -> dict[str, Any]:
        """Return real and imaginary parts of all matrices."""
        result: dict[str, Any] = {
            p.name: 0.0 for p in self.parameters if not p.sets and not p.periodic
        }
        for name, value in values.items():
            parameter = self.parameter(name)
            form, kind, pair = name.split("_")
            if parameter.phase:
                phase = values.get(parameter.phase, 0.0)
                parts = {"eps": value * np.cos(phase), "im": value * np.sin(phase)}
                for part, own in parts.items():
                    result[f"{part}_{kind}_{pair}"] = result[f"{part}_{kind}_{pair}"] + own
            elif not parameter.periodic:
                for own, weight in self.mixtures.get(kind, {kind: 1.0}).items():
                    target = f"{form}_{own}_{pair}"
                    result[target] = result[target] + weight * value
        return result


def matrix_of(kind: str, values: Values) -> FlavourMatrix:
    """Return a matrix of what `NonStandard.physical` returns."""
    return FlavourMatrix(
        {f: values[f"eps_{kind}_{f}{f}"] for f in FLAVOURS},
        {(a, b): values[f"eps_{kind}_{a}{b}"] for a, b in PAIRS},
        {(a, b): values[f"im_{kind}_{a}{b}"] for a, b in PAIRS},
    )


ELECTRON_REACH, ELECTRON_PROBE = 20.0, 0.5
"""Couplings of the Standard Model are below one. At 20 the rate on electrons is hundreds of times
that of the Standard Model, which the sum of all neutrinos and backgrounds in the data excludes for
every element; second solutions, where a coupling changes its sign, are below 2."""

QUARK_REACH, QUARK_PROBE = 5.0, 0.1
"""Weak charges are about -0.3 a nucleon, and eps adds 1.4 or 1.6 a nucleon: the second solution is
at 0.4, and at 5 the rate is hundreds of times that of the Standard Model."""


class ElectronInteraction(NonStandard):
    """eps^eL and eps^eR on electrons, or eps^V = eps^L + eps^R and eps^A = eps^L - eps^R.

    They are added to g_L and g_R, so that eps^V is added to g_V, and eps^A to g_A. A vector one
    alone is eps^L = eps^R = eps^V / 2.
    """

    tag = "nsi-electron"
    title = "Non-standard interactions with electrons"
    mixtures: ClassVar[Mapping[str, Mixture]] = {
        "V": {"L": 0.5, "R": 0.5},
        "A": {"L": 0.5, "R": -0.5},
    }
    parameters = (
        *_matrix("L", "eL", ELECTRON_REACH, ELECTRON_PROBE),
        *_matrix("R", "eR", ELECTRON_REACH, ELECTRON_PROBE),
        *_mixture("V", "eV", mixtures["V"], ELECTRON_REACH, ELECTRON_PROBE),
        *_mixture("A", "eA", mixtures["A"], ELECTRON_REACH, ELECTRON_PROBE),
    )

    def electrons_of_element(
        self, electrons: Electrons, element: Element, values: Values
    ) -> tuple[Process, ...]:
        """Return what the interactions change, interference included."""
        g_v, g_a = (c._asdict() for c in (electrons.couplings.g_v, electrons.couplings.g_a))
        standard = (
            diagonal({f: g_v[f] + g_a[f] for f in FLAVOURS}),
            diagonal({f: g_v[f] - g_a[f] for f in FLAVOURS}),
        )
        new = (matrix_of("L", values), matrix_of("R", values))
        change = non_standard.electron_change(electrons.recoil_energy, standard, new, element)
        return (Process(electrons.number * change),)


class QuarkInteraction(NonStandard):
    """eps^uV and eps^dV, to which coherent scattering on nuclei is sensitive.

    The axial ones act on the spin of a nucleus, which is no part of coherent scattering.
    """

    tag = "nsi-quark"
    title = "Non-standard vector interactions with quarks"
    parameters = (
        *_matrix("u", "uV", QUARK_REACH, QUARK_PROBE),
        *_matrix("d", "dV", QUARK_REACH, QUARK_PROBE),
    )

    def parameter(self, name: str) -> SignalParameter:
        """Return a parameter; axial ones are refused."""
        if name.startswith(("eps_uA", "eps_dA")):
            raise InputError(
                f"signal {self.tag}",
                "parameter",
                found=f"{name}, an axial coupling, which acts on the spins of nuclei alone",
                expected=f"a vector one: {', '.join(self.elementary())}",
            )
        return super().parameter(name)

    def nucleus_of_element(
        self, nucleus: Nucleus, element: Element, values: Values
    ) -> tuple[Process, ...]:
        """Return what the interactions change, interference included."""
        standard = diagonal({f: nucleus.charge_of(f) for f in FLAVOURS})
        new = non_standard.quark_charge(
            nucleus.z, nucleus.n, matrix_of("u", values), matrix_of("d", values)
        )
        change = non_standard.nuclear_change(
            nucleus.recoil_energy,
            standard,
            new,
            nucleus.mass,
            nucleus.form_factor_squared,
            element,
        )
        return (Process(change),)


class PropagatingElectronInteraction(ElectronInteraction):
    """The same in the matter of the sun too, where eps^V changes the potential.

    Adiabatic conversion of two effective levels. Counts are no polynomial: parameters are scanned,
    or sampled through the graph.
    """

    tag = "nsi-electron-propagation"
    title = "Non-standard interactions with electrons, in scattering and in the sun"
    reference = "gonzalez-garcia-2013"
    propagates = True

    def source_changes(self, values: Values) -> Mapping[str, Any]:
        """Return the potential of eps^V = eps^L + eps^R."""
        matrix = matrix_of("L", values) + matrix_of("R", values)
        return {"potential": MatterPotential(electrons=_elements(matrix))}


class PropagatingQuarkInteraction(QuarkInteraction):
    """The same in the matter of the sun too; see `PropagatingElectronInteraction`."""

    tag = "nsi-quark-propagation"
    title = "Non-standard vector interactions with quarks, in scattering and in the sun"
    reference = "gonzalez-garcia-2013"
    propagates = True

    def source_changes(self, values: Values) -> Mapping[str, Any]:
        """Return the potential of both quarks."""
        up, down = (_elements(matrix_of(kind, values)) for kind in ("u", "d"))
        return {"potential": MatterPotential(up=up, down=down)}


def _elements(matrix: FlavourMatrix) -> Elements:
    (a, b, c), (ab, ac, bc) = matrix.diagonal.values(), matrix.real.values()
    (x, y, z) = matrix.imaginary.values()
    return (
        ((a, 0.0), (ab, x), (ac, y)),
        ((ab, -x), (b, 0.0), (bc, z)),
        ((ac, -y), (bc, -z), (c, 0.0)),
    )
