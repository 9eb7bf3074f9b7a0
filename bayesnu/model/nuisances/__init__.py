"""Kinds of nuisances, one a file; `bayesnu.model.nuisances.nuisance` says what a kind is."""

from bayesnu.model.nuisances.atomic import AtomicTheory
from bayesnu.model.nuisances.background import BackgroundNorm
from bayesnu.model.nuisances.flux import Flux
from bayesnu.model.nuisances.norm import ComponentNorm
from bayesnu.model.nuisances.nuisance import Nuisance
from bayesnu.model.nuisances.oscillation import OscillationPulls
from bayesnu.model.nuisances.response import ResponsePulls, SignalNorm

KINDS: dict[str, Nuisance] = {
    "oscillation": OscillationPulls(),
    "atomic": AtomicTheory(),
    "signal": SignalNorm(),
    "response": ResponsePulls(),
    "norm": ComponentNorm(),
    "flux": Flux(),
    "background": BackgroundNorm(),
}
"""In the order in which they act, which is that of their parameters in a likelihood."""
