"""New vector interactions of neutrinos with the matter of the sun, for two effective levels.

With the third mass far above, neutrinos are in the first two states of R23 U13(delta), which is U
without R12. Of what matter adds, sqrt2 G_F (N_e diag(1, 0, 0) + sum_f N_f eps^fV), these see

    sqrt2 G_F N_e [[c13^2, 0], [0, 0]] + sqrt2 G_F sum_f N_f [[-eps_D, eps_N], [eps_N^*, eps_D]],

Gonzalez-Garcia and Maltoni, JHEP 09 (2013) 152, whose eps_D and eps_N are projected here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bayesnu.files.tables import read_table
from bayesnu.physics.cross_sections.electroweak import FLAVOURS
from bayesnu.types import Array

Complex = tuple[Any, Any]

Elements = tuple[tuple[Complex, Complex, Complex], ...]
"""A matrix by rows e, mu, tau: real and imaginary part of each element."""


@dataclass(frozen=True)
class MatterPotential:
    """eps^eV, eps^uV and eps^dV; None where there is none. Numbers, or tensors."""

    electrons: Elements | None = None
    up: Elements | None = None
    down: Elements | None = None

    @property
    def are_numbers(self) -> bool:
        """Whether none of them is a variable."""
        matrices = (m for m in (self.electrons, self.up, self.down) if m is not None)
        parts = (part for m in matrices for row in m for element in row for part in element)
        return all(isinstance(part, float | int) for part in parts)

    def effective(self, radius: Array, s13: Any, s23: Any, delta_cp: Any) -> tuple[Any, Any, Any]:
        """Return sum_f N_f / N_e of eps_D, and of the two parts of eps_N, shape of `radius`.

        Parameters
        ----------
        radius : ndarray, shape (zones,)
            In solar radii.
        s13, s23 : float or tensor
            sin^2 of the mixing angles.
        """
        neutrons = neutrons_per_electron(radius)
        shares = (
            (self.electrons, np.ones_like(radius)),
            (self.up, 2.0 + neutrons),
            (self.down, 1.0 + 2.0 * neutrons),
        )
        total: list[Any] = [0.0, 0.0, 0.0]
        for matrix, share in shares:
            if matrix is not None:
                found = two_levels(matrix, s13, s23, delta_cp)
                total = [old + share * new for old, new in zip(total, found, strict=True)]
        return total[0], total[1], total[2]


def two_levels(matrix: Elements, s13: Any, s23: Any, delta_cp: Any) -> tuple[Any, Any, Any]:
    """Return eps_D and the real and imaginary part of eps_N of a hermitian matrix."""
    states = _two_states(s13, s23, delta_cp)

    def between(one: list[Complex], two: list[Complex]) -> Complex:
        real: Any = 0.0
        imaginary: Any = 0.0
        for a in range(len(FLAVOURS)):
            for b in range(len(FLAVOURS)):
                if all(isinstance(part, float | int) and part == 0 for part in matrix[a][b]):
                    continue  # no graph grows by what vanishes
                (x, y), (u, v) = _product((one[a][0], -one[a][1]), matrix[a][b]), two[b]
                real = real + x * u - y * v
                imaginary = imaginary + x * v + y * u
        return real, imaginary

    first, second = states
    diagonal = 0.5 * (between(second, second)[0] - between(first, first)[0])
    return diagonal, *between(first, second)


def _two_states(s13: Any, s23: Any, delta_cp: Any) -> tuple[list[Complex], list[Complex]]:
    """Return the first two columns of R23 U13(delta)."""
    c13, c23 = (1.0 - s13) ** 0.5, (1.0 - s23) ** 0.5
    mu, tau = s13**0.5 * s23**0.5, s13**0.5 * c23
    cosine, sine = np.cos(delta_cp), np.sin(delta_cp)
    first = [(c13, 0.0), (-mu * cosine, -mu * sine), (-tau * cosine, -tau * sine)]
    return first, [(0.0, 0.0), (c23, 0.0), (-(s23**0.5), 0.0)]


def _product(one: Complex, two: Complex) -> Complex:
    return one[0] * two[0] - one[1] * two[1], one[0] * two[1] + one[1] * two[0]


def neutrons_per_electron(radius: Array) -> Array:
    """Return N_n / N_e = (1 - X) / (1 + X) at radii in solar radii: 0.49 at the centre."""
    at, hydrogen = _hydrogen()
    x = np.interp(radius, at, hydrogen)
    return np.asarray((1.0 - x) / (1.0 + x))


@lru_cache(maxsize=1)
def _hydrogen() -> tuple[Array, Array]:
    table = read_table("solar/hydrogen.csv")
    return (
        table.column("radius_Rsun", minimum=0.0, ascending=True),
        table.column("hydrogen_mass_fraction", minimum=0.0, maximum=1.0),
    )
