"""The formats that a likelihood is written in. The choices of all faces come from here."""

from __future__ import annotations

LIKELIHOODS = {
    "pyhf": "bayesnu.output.likelihoods.pyhf",
    "hs3": "bayesnu.output.likelihoods.hs3",
    "npz": "bayesnu.output.likelihoods.templates",
    "json": "bayesnu.output.likelihoods.templates",
}
"""By name, the module that writes them."""
