"""Entries about nuisances: what is not known exactly of a detector, of norms and of shapes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from bayesnu.experiments.format.nuclear_values import BinValues
from bayesnu.files.entry import Entry, Size, TableColumn

NuisanceName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,60}$")]
"""It becomes a part of a variable's name."""

IN_KEV = ("threshold", "energy-shift")
RELATIVE = ("energy-scale", "resolution", "efficiency", "norm")


class Nuisance(Entry):
    """What all kinds of nuisances have in common.

    The parameter is t, in units of sigma: what it changes is known at -1, 0 and +1; a parabola
    between them, straight lines beyond. Of a norm it is the factor itself.
    """

    kind: str
    sigma: Size | None = Field(
        None,
        description="keV for threshold and energy-shift; relative for energy-scale, resolution, "
        "efficiency and norm",
    )
    prior: Literal["gaussian", "log-normal", "flat"] = Field(
        "gaussian",
        description="gaussian of width sigma; log-normal (norms) of this width in the logarithm; "
        "flat: anywhere between -sigma and +sigma. atomic: Gaussian about 0 with width 1, or flat "
        "from 0 to 1",
    )
    components: tuple[str, ...] = Field(
        (), description="norm, template: backgrounds, or solar_nu for the neutrinos themselves"
    )
    ratio: bool = Field(
        False, description="template: the tables hold factors on the component's counts"
    )
    combine: Literal["add", "multiply"] = Field(
        "add",
        description="with other nuisances: add the differences of counts, or multiply the ratios",
    )
    shared: NuisanceName | None = Field(
        None, description="the same parameter in all experiments that share this name"
    )
    source: str = Field("", description="where the width comes from")

    @property
    def is_response(self) -> bool:
        """Whether it moves the response, and with it the neutrinos and all folded backgrounds."""
        return self.kind not in ("norm", "template", "atomic")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = {name for name in ("up", "down") if getattr(self, name, None)}
        if len(given) == 1:
            raise ValueError("tables come in pairs, up and down")
        if given and self.kind not in ("template", "efficiency"):
            raise ValueError(f"{self.kind} is sized by sigma, not by tables")
        if self.kind == "template" and not given:
            raise ValueError("a template has tables in up and down")
        if self.kind == "atomic":
            if self.sigma is not None or self.components or self.combine == "multiply":
                raise ValueError("atomic has a prior, but neither sigma nor components")
            return self
        if (self.sigma is None) == (not given):
            raise ValueError("give either sigma or tables in up and down")
        if self.kind in RELATIVE and self.sigma is not None and self.sigma >= 1.0:
            raise ValueError("a relative sigma is below 1")
        if bool(self.components) == self.is_response:
            raise ValueError("components belong to norm and template, which need them")
        if self.prior == "log-normal" and self.kind != "norm":
            raise ValueError("only a norm can be log-normal")
        if self.ratio and self.kind != "template":
            raise ValueError("only the tables of a template can be ratios")
        if self.kind == "norm" and self.combine == "multiply":
            raise ValueError("a norm multiplies anyway: leave combine out")
        return self


class DetectorNuisance(Nuisance):
    """A nuisance of an experiment whose response is efficiency and resolution.

    `threshold` moves the efficiency curve to higher energy, `energy-shift` and `energy-scale` what
    is reconstructed, `resolution` its width, `efficiency` the curve up and down. `atomic` leads
    from electrons in steps (0) to the RRPA ratio (1).
    """

    kind: Literal[
        "threshold",
        "energy-shift",
        "energy-scale",
        "resolution",
        "efficiency",
        "norm",
        "template",
        "atomic",
    ]
    up: TableColumn | None = Field(
        None, description="efficiency, template: what it is at +1 sigma, in the form of the nominal"
    )
    down: TableColumn | None = Field(None, description="the same at -1 sigma")


class CountsNuisance(Nuisance):
    """A nuisance of an experiment whose counts are given in bins of each run."""

    kind: Literal["norm", "template"]
    up: dict[str, BinValues] = Field({}, description="template: run -> counts at +1 sigma")
    down: dict[str, BinValues] = Field({}, description="template: run -> counts at -1 sigma")


def templates_of[N: Nuisance](nuisances: dict[str, N], component: str) -> dict[str, N]:
    """Return the nuisances that change the shape of a component, by name."""
    return {
        name: entry
        for name, entry in nuisances.items()
        if entry.kind == "template" and component in entry.components
    }


class Correlation(Entry):
    """Correlations between nuisances of the response.

    They are replaced by as many independent ones (Cholesky): the first named stays what it is, the
    second is what is left of it when the first is known, and so on.
    """

    names: tuple[NuisanceName, ...] = Field(min_length=2, max_length=20)
    matrix: tuple[tuple[Annotated[float, Field(strict=True, ge=-1, le=1)], ...], ...]
    source: str = ""

    @model_validator(mode="after")
    def _is_a_correlation(self) -> Correlation:
        size = len(self.names)
        if len(set(self.names)) < size:
            raise ValueError("a nuisance is named once")
        if len(self.matrix) != size or any(len(row) != size for row in self.matrix):
            raise ValueError(f"the matrix has {size} rows of {size} numbers, as names")
        matrix = np.array(self.matrix)
        if not (np.array_equal(matrix, matrix.T) and (np.diag(matrix) == 1.0).all()):
            raise ValueError("the matrix is symmetric, with ones on its diagonal")
        if np.linalg.eigvalsh(matrix).min() < 1e-9:
            raise ValueError("the matrix is positive definite: drop what others determine")
        return self

    @property
    def root(self) -> np.ndarray:
        """Its Cholesky factor: row i says how far each independent one moves nuisance i."""
        return np.linalg.cholesky(np.array(self.matrix))


def check_correlations(
    nuisances: dict[str, DetectorNuisance], correlations: tuple[Correlation, ...]
) -> None:
    """Refuse correlations of what cannot be moved together.

    Raises
    ------
    ValueError
        With a sentence.
    """
    named = [name for entry in correlations for name in entry.names]
    for name in named:
        entry = nuisances.get(name)
        if entry is None:
            raise ValueError(f"correlations name {name}, which is not in nuisances")
        if named.count(name) > 1:
            raise ValueError(f"{name} is in two matrices of correlations: join them")
        if (
            not entry.is_response
            or entry.prior != "gaussian"
            or entry.shared
            or entry.combine != "add"
        ):
            raise ValueError(
                f"{name} cannot be correlated: only Gaussian nuisances of one experiment's "
                "response that add can"
            )
