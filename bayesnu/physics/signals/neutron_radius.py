"""The radius of the neutrons in a nucleus, which coherent scattering sees."""

from __future__ import annotations

from dataclasses import replace

from bayesnu.physics.cross_sections.electroweak import ByFlavour
from bayesnu.physics.signals.base import Signal, SignalParameter, Values
from bayesnu.physics.targets import form_factors
from bayesnu.physics.targets.target import Nucleus


class NeutronRadius(Signal):
    """Root-mean-square radius of the neutrons in all nuclei of one material.

    The weak charge times the form factor becomes g_V^p Z F_p + g_V^n N F_n (Cadeddu et al., Phys.
    Rev. Lett. 120 (2018) 072501): F_p as in the file, F_n of the same shape with this
    radius. Counts are no polynomial in it. Its prior is flat in its logarithm, as becomes a scale,
    from 2 to 10 fm: from half of the radius of nuclei of mass 70 to twice that of xenon.
    """

    tag = "neutron-radius"
    title = "Radius of the neutrons in nuclei"
    reference = "Cadeddu:2017etk"
    one_material = True
    parameters = (
        SignalParameter("r_n", "fm", "R_n", 1.0, False, reach=10.0, shape=True, lowest=2.0),
    )

    def changed_nucleus(self, nucleus: Nucleus, values: Values) -> Nucleus:
        """Return a nucleus whose weak charge has the two form factors in it."""
        q = form_factors.momentum_transfer(nucleus.recoil_energy, nucleus.mass)
        neutrons = nucleus.neutron_coupling * nucleus.n
        shape = nucleus.form_factor_squared**0.5
        protons = (nucleus.weak_charge - neutrons) * shape
        neutrons = neutrons * form_factors.of_radius(q, values["r_n"], nucleus.form_factor)
        ones = 1.0 + 0.0 * nucleus.form_factor_squared
        couplings = nucleus.couplings
        if couplings is not None:
            photon = ByFlavour(*(value * shape for value in couplings.photon))
            couplings = replace(couplings, photon=photon)
        return replace(
            nucleus,
            weak_charge=protons + neutrons,
            form_factor_squared=ones,
            couplings=couplings,
        )
