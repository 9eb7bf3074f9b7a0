"""A run as one zip file: inputs, run file, versions, results, and a page that explains them."""

from __future__ import annotations

from pathlib import Path, PurePath

from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.experiments.model_files import find
from bayesnu.files.tables import packaged_folder
from bayesnu.files.whole import refuse_links
from bayesnu.files.zip_file import unpack, write_zip
from bayesnu.run_file.copies import extended
from bayesnu.run_file.reading import read_run_file
from bayesnu.saved.run_info import RUN_FILE, RUN_JSON, RunInfo, read_run_info

README = "README.txt"

PACKAGED = "packaged"
"""Folder of files of the package that the run has used: for the record, a repetition does not read
them."""


def archive(folder: str | Path, path: str | Path | None = None) -> Path:
    """Write the folder of a run as a zip file.

    Parameters
    ----------
    path : Path, optional
        Default: the folder's name with ``.zip``, beside it.

    Raises
    ------
    InputError
        If the folder holds no run, one that is not finished, or one whose experiments are
        elsewhere: it could not be repeated.
    """
    folder = Path(folder)
    info = read_run_info(folder)
    refuse_links(folder)
    if not info.finished:
        raise InputError(
            folder / RUN_JSON, "finished", found="missing steps", expected="a finished run"
        )
    file = read_run_file(folder / RUN_FILE)
    names = {name for _, step in file.steps() for name in step.experiments or ()}
    for name in sorted(names):
        if PurePath(name).is_absolute():
            raise InputError(
                folder / RUN_FILE, "experiments", found=name, expected="a path below the run file"
            )
    contents: dict[str, bytes | Path] = {README: readme(info).encode()}
    for found in sorted(folder.rglob("*")):
        place = found.relative_to(folder)
        if found.is_file() and not found.is_symlink() and _belongs(place):
            contents[place.as_posix()] = found
    contents |= {f"{PACKAGED}/{name}": used for name, used in packaged(folder, names).items()}
    own = folder.resolve()
    target = own.with_name(f"{own.name}.zip") if path is None else Path(path)
    return write_zip(target, contents)


def _belongs(place: Path) -> bool:
    """Whether a file of a run's folder goes into its archive, with new ones of these names."""
    hidden = any(part.startswith(".") for part in place.parts)
    return not hidden and place.suffix != ".zip" and place.parts[0] not in (README, PACKAGED)


def packaged(folder: Path, names: set[str]) -> dict[str, Path]:
    """Return the package's own files that experiments are made of."""
    data, models = (packaged_folder(kind).resolve() for kind in ("data", "models"))
    found: dict[str, Path] = {}
    for name in sorted(names):
        path = find(folder / name if name.endswith(".toml") else name)
        own = [path, *extended(path)]
        tables = [Path(table.path) for table in load(path).tables]
        for used in (file.resolve() for file in (*own, *tables)):
            for root in (data, models):
                if used.is_relative_to(root):
                    found[f"{root.name.removeprefix('_')}/{used.relative_to(root)}"] = used
    return found


def readme(info: RunInfo) -> str:
    """Return the page of an archive."""
    steps = [f"  {s.folder}: {'converged' if s.converged else 'NOT CONVERGED'}" for s in info.steps]
    return "\n".join(
        [
            info.title,
            "=" * len(info.title),
            "",
            *([info.description, ""] if info.description else []),
            "An analysis by bayesnu, with everything that it takes to repeat it:",
            "",
            "  bayesnu run ARCHIVE.zip --out NEW_FOLDER",
            "",
            "unpacks it, computes every step anew and says whether the numbers are the same. They",
            "are with the versions below on one kind of processor; with others, posteriors differ",
            "within their Monte Carlo errors.",
            "",
            f"{RUN_FILE}: what was asked. {RUN_JSON}: how it was made, with hashes of all numbers.",
            "report.html, if there is one: the results as a page. exports/: tables.",
            f"{PACKAGED}/: the experiments and tables of the package that were used, for the",
            "record. `bayesnu cite FOLDER` lists what the results rest on, as BibTeX.",
            "",
            f"Finished {info.finished} (UTC), seed {info.seed}.",
            "",
            "Steps",
            *steps,
            "",
            "Versions",
            *(f"  {name} {version}" for name, version in sorted(info.versions.items())),
            "",
            "Inputs (digests of experiments with all their tables)",
            *(f"  {name} {digest}" for name, digest in sorted(info.inputs.items())),
            "",
        ]
    )


def unpack_archive(path: Path, folder: Path) -> Path:
    """Unpack an archive into a new folder, and return the run file in it."""
    unpack(path, folder, RUN_FILE)
    return folder / RUN_FILE
