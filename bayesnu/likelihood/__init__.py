"""The likelihood that both statements share."""

from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.factors import bend, cosine, factor_names, sine
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood, Parameter

__all__ = [
    "COUNTS_FLOOR",
    "Bins",
    "Likelihood",
    "Parameter",
    "bend",
    "cosine",
    "factor_names",
    "sine",
]
