"""The table of samplers, from which the command line, run files and settings choose."""

from __future__ import annotations

from bayesnu.errors import InputError
from bayesnu.inference.samplers.nuts import Nuts
from bayesnu.inference.samplers.pymc import PyMC
from bayesnu.inference.samplers.sampler import Sampler

PYMC = (
    PyMC(
        "pymc",
        "the PyMC model itself, the same density",
        library="pymc",
        software=("nuts", "nutpie", "pymc"),
        sampler="nutpie",
        unscattered={"compile_kwargs": {"jitter_rvs": set()}},
    ),
    PyMC(
        "pymc-nuts",
        "the same by PyMC's own NUTS",
        library="pymc",
        software=("nuts", "pymc"),
        sampler="pymc",
        unscattered={"init": "adapt_diag"},
    ),
    PyMC(
        "numpyro",
        "the same by NumPyro, on JAX",
        library="numpyro",
        software=("nuts", "pymc", "numpyro", "jax"),
        sampler="numpyro",
        unscattered={"nuts": {"jitter": False}},
    ),
)
"""Ways to sample the PyMC model."""

SAMPLERS: dict[str, Sampler] = {sampler.name: sampler for sampler in (Nuts(), *PYMC)}
"""By name; the first is the default."""


def sampler_named(name: str) -> Sampler:
    """Return a sampler.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in SAMPLERS:
        raise InputError(
            "sampling", "backend", found=name, expected=f"one of {', '.join(SAMPLERS)}"
        )
    return SAMPLERS[name]
