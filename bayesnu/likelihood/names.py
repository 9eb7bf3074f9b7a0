"""Names of experiments as parts of the names of variables, so that no two things get one name."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

PLAIN = re.compile(r"[A-Za-z0-9.]+(?:[-_@][A-Za-z0-9.]+)*")
"""Names whose words are separated by one sign each."""

SIGNS = {"-": "_", "_": "__", "@": "_at_"}


def base_name(name: str) -> str:
    """Return the experiment of a variant: ``xenonnt-2022-er`` of ``xenonnt-2022-er@khan-2022``."""
    return name.partition("@")[0]


def identifier(name: str) -> str:
    """Return the name of an experiment as a part of a variable's name.

    ``lz-2022-er`` becomes lz_2022_er, ``lz_2022`` lz__2022, ``a@b`` a_at_b. Different names
    become different ones: where signs would run together, a digest of the name is added.
    """
    if PLAIN.fullmatch(name) and "at" not in re.split("[-_@]", name):
        return re.sub("[-_@]", lambda sign: SIGNS[sign[0]], name)
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return re.sub(r"[^A-Za-z0-9.]+", "_", name) + f"_{digest}"


def bin_dim(experiment: str) -> str:
    """Return the name of an experiment's dimension."""
    return f"bin_{identifier(experiment)}"


def counts_name(experiment: str) -> str:
    """Return the name of an experiment's observed variable."""
    return f"counts_{identifier(experiment)}"


VARIABLES = (
    *("bin", "counts", "expected", "templates", "data"),
    *("recoil", "component", "recoil_rate", "dsigma_dT"),
)
"""What a model has for each experiment, beside the parameters."""


def variable_names(experiment: str) -> tuple[str, ...]:
    """Return the names of a model's variables of an experiment: no parameter can have them."""
    return tuple(f"{kind}_{identifier(experiment)}" for kind in VARIABLES)


def nuisance_names(wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return a name for each (kind, experiment), for example background_Kr85_lz_2022_er.

    Background ``x_a`` of experiment ``b`` and background ``x`` of ``a-b`` would both be
    background_x_a_b; where that happens, both say where the experiment begins:
    background_x_a_of__b and background_x_of__a_b.
    """
    pairs = list(dict.fromkeys((kind, base_name(experiment)) for kind, experiment in wanted))
    short = {(kind, name): f"{kind}_{identifier(name)}" for kind, name in pairs}
    times = Counter(short.values())
    return {
        (kind, experiment): short[kind, base_name(experiment)]
        if times[short[kind, base_name(experiment)]] == 1
        else f"{kind}_of__{identifier(base_name(experiment))}"
        for kind, experiment in wanted
    }
