"""Names of components and nuisances as people write them: ``Xe136`` is 136Xe."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from bayesnu.likelihood.names import identifier

PROTONS = {
    "Xe": 54, "Kr": 36, "Pb": 82, "Rn": 86, "Ar": 18, "Be": 4, "Cs": 55, "Co": 27, "Th": 90,
    "Po": 84, "Bi": 83, "He": 2, "B": 5, "C": 6, "F": 9, "H": 1, "I": 53, "K": 19, "N": 7, "O": 8,
    "U": 92,
}  # fmt: skip
"""Elements of this field's backgrounds and neutrinos; PandaX-4T is no isotope."""

ELEMENT = "|".join(PROTONS)

SYMBOL_FIRST = re.compile(rf"\b({ELEMENT})(\d{{1,3}}m?)\b")
NUMBER_FIRST = re.compile(rf"(?<![\w{{.])(\d{{1,3}}m?)({ELEMENT})\b")

COMPONENTS = {
    "pp": "pp", "pep": "pep", "hep": "hep", "be7": "$^{7}$Be", "b8": "$^{8}$B",
    "n13": "$^{13}$N", "o15": "$^{15}$O", "f17": "$^{17}$F", "solar": "solar",
}  # fmt: skip
"""Flux components."""

SPECIAL = {
    "solar_nu": r"solar $\nu$",
    "reactor_nu": r"reactor $\nu$",
    "beam_nu": r"beam $\nu$",
    "source_nu": r"$\nu$",
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
    """
    text = (labels or {}).get(name, name)
    if text in SPECIAL:
        return SPECIAL[text]
    return superscript(text.replace("_", " "))


def superscript(text: str) -> str:
    """Return a text with its isotopes written with superscripts: ``Xe136`` or ``136Xe``."""
    text = SYMBOL_FIRST.sub(lambda found: _isotope(found, found[1], found[2]), text)
    return NUMBER_FIRST.sub(lambda found: _isotope(found, found[2], found[1]), text)


def _isotope(found: re.Match[str], element: str, mass: str) -> str:
    """Return an isotope with its mass number raised; other names stay: no nucleus is B0 or C1."""
    protons, number = PROTONS[element], int(mass.removesuffix("m"))
    possible = max(protons, 1.5 * protons if protons > 2 else 1) <= number <= 3 * protons
    return f"$^{{{mass}}}${element}" if possible else found[0]


def file_name(text: str) -> str:
    """Return a text with only letters, digits, dots, dashes, underscores, @ and +.

    Where others have to go, a digest keeps different texts different files.
    """
    kept = re.sub(r"[^A-Za-z0-9._@+-]+", "-", text).strip(".-") or "unnamed"
    return kept if kept == text else f"{kept}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def nuisance(name: str, experiments: Sequence[str] = ()) -> str:
    """Return a nuisance's name for an axis: ``background_Xe136_lz_2022_er`` is 136Xe."""
    if name in SPECIAL:
        return SPECIAL[name]
    kind, _, rest = name.partition("_")
    if kind == "flux":
        return f"{COMPONENTS.get(rest, rest)} flux"
    if kind not in ("background", "signal"):
        rest = name
    where = ""
    known = {identifier(name): name for name in (e.partition("@")[0] for e in experiments)}
    for ending in sorted(known, key=len, reverse=True):
        joint = next((s for s in (f"_of__{ending}", f"_{ending}") if f"_{rest}".endswith(s)), "")
        if joint:
            rest = f"_{rest}".removesuffix(joint).removeprefix("_")
            where = f" ({known[ending]})" if len(experiments) > 1 else ""
            break
    return readable(rest or "solar_nu") + where
