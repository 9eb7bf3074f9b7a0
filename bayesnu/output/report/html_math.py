r"""Symbols and units as HTML: ``\mu_\nu^\mathrm{eff}`` with real sub- and superscripts.

A page must be readable without scripts and fonts from elsewhere; the symbols of this field need
no more than Greek letters, sub- and superscripts.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "kappa": "κ", "lambda": "λ", "xi": "ξ", "rho": "ρ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Theta": "Θ", "Phi": "Φ", "Omega": "Ω", "mu": "μ", "nu": "ν",
    "tau": "τ", "Lambda": "Λ", "varphi": "φ", "phi": "φ", "langle": "⟨", "rangle": "⟩",
    "Delta": "Δ", "chi": "χ", "sigma": "σ", "theta": "θ", "times": "×", "prime": "′",
    "sin": "sin",
}  # fmt: skip

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}_^]|.")


def symbol(latex: str) -> Markup:
    """Return a LaTeX symbol as HTML; what is not understood stays as plain text."""
    tokens = [token for token in TOKEN.findall(latex) if not token.isspace()]
    place = 0

    def group() -> Markup:
        """Return one token, or what stands in braces."""
        nonlocal place
        if place >= len(tokens):
            return Markup("")
        token = tokens[place]
        place += 1
        if token == "{":
            parts = []
            while place < len(tokens) and tokens[place] != "}":
                parts.append(item())
            place += 1
            return Markup("").join(parts)
        if token == r"\mathrm":
            return Markup('<span class="up">{}</span>').format(group())
        return _letter(token)

    def item() -> Markup:
        nonlocal place
        if tokens[place] in "_^":
            tag = "sub" if tokens[place] == "_" else "sup"
            place += 1
            return Markup(f"<{tag}>{{}}</{tag}>").format(group())
        return group()

    parts = []
    while place < len(tokens):
        parts.append(item())
    return Markup('<span class="math">{}</span>').format(Markup("").join(parts))


def _letter(token: str) -> Markup:
    if token.startswith("\\"):
        name = token[1:]
        text = LETTERS.get(name, name if name.isalpha() else " ")
        return Markup("<i>{}</i>").format(text) if text.isalpha() else escape(text)
    return Markup("<i>{}</i>").format(token) if token.isalpha() else escape(token)


def unit_html(unit: str) -> Markup:
    """Return a unit as HTML: ``1e-11 mu_B`` as a power of ten and the Bohr magneton."""
    match = re.fullmatch(r"1e(-?\d+)\s*(.*)", unit)
    if not match:
        return escape(unit)
    rest = {"mu_B": Markup("μ<sub>B</sub>"), "cm2": Markup("cm<sup>2</sup>")}.get(match[2])
    power = match[1].replace("-", "−")
    return Markup("10<sup>{}</sup> {}").format(power, escape(match[2]) if rest is None else rest)
