"""Names of components and nuisances as people write them: ``Xe136`` is 136Xe."""

from __future__ import annotations

import re
from collections.abc import Sequence

ELEMENT = "Xe|Kr|Pb|Rn|Ar|Be|Cs|Co|Th|Po|Bi|He|B|C|F|H|I|K|N|O|U"
"""Those of this field's backgrounds and neutrinos; PandaX-4T is no isotope."""

SYMBOL_FIRST = re.compile(rf"\b({ELEMENT})(\d{{1,3}}m?)\b")
NUMBER_FIRST = re.compile(rf"(?<![\w{{.])(\d{{1,3}}m?)({ELEMENT})\b")

COMPONENTS = {
    "pp": "pp",
    "pep": "pep",
    "hep": "hep",
    "be7": "$^{7}$Be",
    "b8": "$^{8}$B",
    "n13": "$^{13}$N",
    "o15": "$^{15}$O",
    "f17": "$^{17}$F",
    "solar": "solar",
}
"""Flux components."""


SPECIAL = {
    "solar_nu": r"solar $\nu$",
    "pull_sin2_theta12": r"$\sin^2\theta_{12}$ pull",
    "pull_sin2_theta13": r"$\sin^2\theta_{13}$ pull",
    "pull_sin2_theta23": r"$\sin^2\theta_{23}$ pull",
}


def readable(name: str, labels: dict[str, str] | None = None) -> str:
    """Return a component's name for a legend.

    Parameters
    ----------
    name : str
        As in an experiment file, for example ``Xe136``.
    labels : dict, optional
        Names that the experiment file gives.
    """
    text = (labels or {}).get(name, name)
    if text in SPECIAL:
        return SPECIAL[text]
    return superscript(text.replace("_", " "))


def superscript(text: str) -> str:
    """Return a text with its isotopes written with superscripts: ``Xe136`` or ``136Xe``."""
    return NUMBER_FIRST.sub(r"$^{\1}$\2", SYMBOL_FIRST.sub(r"$^{\2}$\1", text))


def file_name(text: str) -> str:
    """Return a text with only letters, digits, dots, dashes, underscores, @ and +."""
    return re.sub(r"[^A-Za-z0-9._@+-]+", "-", text).strip(".-") or "unnamed"


def nuisance(name: str, experiments: Sequence[str] = ()) -> str:
    """Return a nuisance's name for an axis: ``background_Xe136_lz_2022_er`` is 136Xe.

    Parameters
    ----------
    name : str
    experiments : sequence of str
        Those of the fit: a single one need not be named again.
    """
    if name in SPECIAL:
        return SPECIAL[name]
    kind, _, rest = name.partition("_")
    if kind == "flux":
        return f"{COMPONENTS.get(rest, rest)} flux"
    if kind in ("background", "signal"):
        where = ""
        for experiment in experiments:
            own = experiment.partition("@")[0]
            identifier = own.replace("-", "_")
            if rest == identifier or rest.endswith(f"_{identifier}"):
                rest = rest.removesuffix(identifier).removesuffix("_")
                where = f" ({own})" if len(experiments) > 1 else ""
        return readable(rest or "solar_nu") + where
    return name.replace("_", " ")
