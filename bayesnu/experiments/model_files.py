"""Find, read, extend and check the files in ``models/``, and a user's own."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bayesnu.errors import InputError
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.experiments.format.electron_recoil import ElectronRecoilFile
from bayesnu.experiments.format.experiment_file import ExperimentFile
from bayesnu.experiments.format.nuclear_recoil import NuclearRecoilFile
from bayesnu.experiments.format.quenched_recoil import QuenchedRecoilFile
from bayesnu.experiments.format.run_response import TAG
from bayesnu.files.tables import packaged_folder
from bayesnu.files.toml_file import read_toml

MAX_EXTENDS = 8

CHANNELS: dict[str, type[ExperimentFile]] = {
    "electron-recoil": ElectronRecoilFile,
    "nuclear-recoil": NuclearRecoilFile,
    "quenched-recoil": QuenchedRecoilFile,
    "effective-moment": EffectiveMomentFile,
}
"""Which format a file has, by its key ``channel``."""

NO_EXPERIMENTS = frozenset({"citations"})
"""Files in ``models/`` that are something else."""


def available() -> list[str]:
    """Return the names of the packaged experiments, variants included."""
    stems = {path.stem for path in packaged_folder("models").glob("*.toml")}
    return sorted(stems - NO_EXPERIMENTS)


def is_packaged(path: Path) -> bool:
    """Return whether an experiment file is one of the package, and not a user's of that name."""
    return path.parent == packaged_folder("models") and path.stem in available()


def folder_name(path: Path) -> str:
    """Return what folders of results call an experiment: not a user's as a packaged one."""
    own = path.stem in available() and not is_packaged(path)
    return f"{path.stem}-of-{path.parent.name}" if own else path.stem


def find(name: str | Path) -> Path:
    """Return the path of an experiment file, given its name or path."""
    text = str(name)
    if text.endswith(".toml"):
        try:
            text.encode("utf-8")  # names of experiments stand in files
            path = Path(text).expanduser().resolve()
            exists = path.is_file()
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(repr(text), "experiment", found=error, expected="a path") from None
        if not exists:
            raise InputError(path, "experiment", found="no file", expected="a TOML file")
        return path
    path = packaged_folder("models") / f"{text}.toml"
    known = available()
    if text in known:
        return path
    close = difflib.get_close_matches(text[:100], known, n=1, cutoff=0.6)
    guess = f"{close[0]}, perhaps; else " if close else ""
    raise InputError(
        "experiment",
        "name",
        found=repr(text),
        expected=f"{guess}a path ending in .toml or one of {', '.join(known)}",
    )


def key_of(entries: Mapping[str, Any], value: str) -> str:
    """Return where a text stands among entries, for example ``backgrounds.Kr85.spectrum.table``."""
    for key, entry in entries.items():
        if entry == value:
            return key
        inner: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
        if isinstance(entry, list):
            inner = {str(number): item for number, item in enumerate(entry)}
        if found := key_of(inner, value):
            return f"{key}.{found}"
    return ""


def locate_table(model: Path, source: str, key: str = "", *, allow_outside: bool = False) -> Path:
    """Return where a table is that a model file names.

    Looks beside the model file first (a user's own), then in the packaged data.

    Parameters
    ----------
    model : Path
        The experiment file.
    source : str
        As the file names it.
    key : str
        Where it names it, for messages.
    allow_outside : bool
        Whether the table may stand outside both folders.

    Raises
    ------
    InputError
        If there is no such file, or the path leads out of the model file's folder and of the
        packaged data.
    """
    where = key if key.endswith("table") else f"{key} (table)".strip()
    data = packaged_folder("data").resolve()
    try:
        own = (model.parent / source).resolve()
        packaged = (data / source).resolve()
        beside = model.parent != packaged_folder("models") and own.exists()
    except (OSError, ValueError):
        raise InputError(model, where, found=repr(source), expected="a path") from None
    place = own if beside else packaged
    if not allow_outside and not (
        place.is_relative_to(data) or (beside and place.is_relative_to(model.parent.resolve()))
    ):
        raise InputError(
            model,
            where,
            found=repr(source),
            expected="a path inside the file's own folder or the packaged data",
        )
    if not place.is_file():
        raise InputError(
            model,
            where,
            found=repr(source),
            expected="a file beside it or in the packaged data",
        )
    return place


def read_entries(path: Path, depth: int = 0, *, allow_outside: bool = False) -> dict[str, Any]:
    """Read a TOML file, and what it extends, as plain entries.

    Of the extended file, the top-level keys that ``replaces`` names are not inherited. It is
    a packaged one, or stands in the file's own folder tree unless `allow_outside` is True.

    Raises
    ------
    InputError
        If the file is unreadable, no TOML, too large, or `extends` does not end or leads out.
    """
    if depth > MAX_EXTENDS:
        raise InputError(path, "extends", found="a chain that does not end", expected="no loop")
    entries = read_toml(path)
    parent = entries.pop("extends", None)
    dropped = entries.pop("replaces", [])
    if parent is None:
        if dropped:
            raise InputError(path, "replaces", found="no extends", expected="an extends key too")
        return entries
    if not isinstance(parent, str):
        raise InputError(path, "extends", found=repr(parent), expected="a name or a path")
    base = path.parent / parent if parent.endswith(".toml") else parent
    found = find(base)
    packaged = found.parent == packaged_folder("models")
    if not (allow_outside or packaged or found.is_relative_to(path.parent.resolve())):
        raise InputError(
            path,
            "extends",
            found=repr(parent),
            expected="a packaged experiment or a path inside the file's own folder",
        )
    inherited = read_entries(found, depth + 1, allow_outside=allow_outside)
    if not isinstance(dropped, list) or not all(
        isinstance(key, str) and any(key in form.model_fields for form in CHANNELS.values())
        for key in dropped
    ):
        raise InputError(path, "replaces", found=repr(dropped), expected="a list of top-level keys")
    return merge({k: v for k, v in inherited.items() if k not in dropped}, entries)


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes` on top: tables merge key by key, all else is replaced.

    A background that gives its shape, or its size, anew drops the one it inherits.
    """
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        if not isinstance(old, Mapping) or not isinstance(value, Mapping):
            result[key] = value
        elif key == "prior":
            result[key] = dict(value)
        elif key == "backgrounds":
            kept = {name: _kept(entry, value.get(name)) for name, entry in old.items()}
            result[key] = merge(kept, value)
        else:
            result[key] = merge(old, value)
    return result


SHAPES = {"counts", "rate", "spectrum", "lines", "flat", "free_bins"}
SIZES = {"decays_per_t_yr", "activity", "rate_per_t_yr_keV"}


def _kept(background: Any, changes: Any) -> Any:
    """Return what a background keeps of its inherited entries beside those that are changed."""
    if not isinstance(background, Mapping) or not isinstance(changes, Mapping):
        return background
    dropped = SHAPES if SHAPES & set(changes) else set()
    if SIZES & set(changes) or isinstance(changes.get("events"), int | float):
        dropped = dropped | ((SIZES | {"events"}) - set(changes))
    return {name: item for name, item in background.items() if name not in dropped}


def validate(path: Path, entries: Mapping[str, Any]) -> ExperimentFile:
    """Check entries against the schema; the first problem becomes one sentence."""
    channel = entries.get("channel", "nothing")
    form = CHANNELS.get(channel) if isinstance(channel, str) else None
    if form is None:
        raise InputError(path, "channel", found=channel, expected=" | ".join(CHANNELS))
    try:
        return form.model_validate(entries)
    except ValidationError as error:
        first = error.errors()[0]
        parts = [str(part) for part in first["loc"]]
        key = ".".join(part for part in parts if not part.startswith(TAG)) or "file"
        found = "nothing" if first["type"] == "missing" else repr(first["input"])
        expected = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
        expected = expected.replace("0.000000001", "1e-9")
        if first["type"] == "missing":
            expected = "this key"
        if first["type"] == "extra_forbidden":
            expected = "no such key"
        raise InputError(path, key, found=found, expected=expected) from None
