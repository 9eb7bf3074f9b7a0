"""The analyses of the papers: what ``models/papers/*.toml`` says."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError

from bayesnu.analyses.published import PublishedRow, published_rows
from bayesnu.errors import InputError
from bayesnu.experiments.model_files import read_entries
from bayesnu.files.entry import Entry
from bayesnu.files.tables import packaged_folder


class Selector(Entry):
    """Says which rows of a paper it is for; what is left out holds for all."""

    location: str | None = None
    experiment: str | None = None
    signal: str | None = None
    parameters: tuple[str, ...] = Field((), description="published names; none: all")

    def matches(self, row: PublishedRow) -> bool:
        """Whether it is for a row."""
        return (
            self.location in (None, row.location)
            and self.experiment in (None, row.experiment)
            and self.signal in (None, row.signal)
            and (not self.parameters or row.parameter in self.parameters)
        )


class Rule(Selector):
    """What some rows of a paper need; the first rule that matches a row applies."""

    experiments: tuple[str, ...] = ()
    free: tuple[str, ...] = Field((), description="free beside the parameter of interest")
    fixed: dict[str, float] = Field({}, description="values of other parameters, a mass")
    derived: str = Field("", description="an effective moment that fundamental ones imply")
    note: str = ""


class Reason(Selector):
    """Why some rows come out otherwise than published; all that match a row are said."""

    why: str


class FigureEntry(Entry):
    """A figure of a paper."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    kind: Literal["profiles", "contours", "exclusion", "spectrum", "beams"]
    signal: str = ""
    parameters: tuple[str, ...] = Field(
        (), description="of profiles: one panel each; of contours: the two axes; of beams: beams"
    )
    overlaid: bool = Field(False, description="profiles of all parameters in one panel")
    free: tuple[str, ...] = Field((), description="free beside the drawn parameters")
    fixed: dict[str, float] = Field({}, description="parameters held; of a spectrum: drawn")
    reach: dict[str, float] = Field({}, description="largest value, where the data set none")
    groups: dict[str, tuple[str, ...]] = Field(description="label and files of each curve")
    posterior_of: str = Field("", description="group whose posterior is drawn; none: the last")
    levels: tuple[float, ...] = (0.9,)
    dof: Literal[1, 2] = 1
    points: int = 31
    mass: str | None = None
    masses: tuple[float, float] | None = None
    caption: str = ""


class Paper(Entry):
    """The analysis of one paper."""

    title: str
    arxiv: str
    method: str
    experiments: dict[str, tuple[str, ...]]
    rules: tuple[Rule, ...] = ()
    reasons: tuple[Reason, ...] = ()
    figures: tuple[FigureEntry, ...] = ()


def available_papers() -> list[str]:
    """Return the names of the papers."""
    return sorted(path.stem for path in (packaged_folder("models") / "papers").glob("*.toml"))


def load_paper(name: str) -> Paper:
    """Return the analysis of a paper."""
    if name not in available_papers():
        raise InputError("paper", "name", found=repr(name), expected=" | ".join(available_papers()))
    path = packaged_folder("models") / "papers" / f"{name}.toml"
    try:
        return Paper.model_validate(read_entries(path))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(path, key, found=repr(first["input"]), expected=first["msg"]) from None


def rows_of(name: str, location: str | None = None) -> list[PublishedRow]:
    """Return the published rows of a paper."""
    rows = [row for row in published_rows() if row.paper == name]
    if location is None:
        return rows
    chosen = [row for row in rows if row.location == location]
    if not chosen:
        there = ", ".join(dict.fromkeys(row.location for row in rows))
        raise InputError("--location", name, found=repr(location), expected=there)
    return chosen
