"""Results from elsewhere: a posterior, a limit and its record, altered at random.

What reads them must end with a result or with one sentence, whatever stands in them.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fuzzing import Tally, run, working_folder
from sealing import seal

from bayesnu.cli import main

READERS = ["diagnose", "cite", "export", "plot", "report"]
OPTIONS = {"export": ["--format", "csv", "--format", "json", "--format", "latex"]}
SLOW = ("plot", "report")
"""Many pictures: ten times as long as the others."""

MAKE = ["limit", "xenonnt-2022-er", "--signal", "magnetic-moment", "--parameter", "mu_eff"]
MAKE += ["--draws", "60", "--tune", "60", "--chains", "2", "--cores", "1", "--no-plots", "--json"]

SECONDS = 20.0
"""Of the processor: the pictures of a report take a quarter of that."""

JUNK: list[Any] = [None, True, -1, 1e308, "", "../../x", "a" * 100_000, [], {}, [[[]]], "\x00"]
JUNK += ["nan", {"results": []}, list(range(1000)), "\u202e", {"a": {"b": {"c": None}}}]


def made(folder: Path) -> Path:
    """Make a small result to alter."""
    with contextlib.redirect_stdout(io.StringIO()):
        main([*MAKE, "--out", str(folder)])
    return folder


def altered_bytes(raw: bytes, rng: random.Random) -> bytes:
    """Return bytes of which some are others, or missing, or too many."""
    data = bytearray(raw)
    kind = rng.choice(["flip", "flip", "cut", "zero", "repeat", "junk"])
    if kind == "flip":
        # Most of what says how the rest is to be read stands near the beginning.
        end = rng.choice([min(len(data), 4096), len(data)])
        for _ in range(rng.choice([1, 3, 30, 300])):
            data[rng.randrange(end)] = rng.randrange(256)
    elif kind == "cut":
        del data[rng.randrange(len(data)) :]
    elif kind == "zero":
        start = rng.randrange(len(data))
        data[start : start + 512] = bytes(512)
    elif kind == "repeat":
        start = rng.randrange(len(data))
        data[start:start] = data[start : start + 4096]
    else:
        data = bytearray(rng.randbytes(rng.choice([0, 1, 100, 10_000])))
    return bytes(data)


def altered_json(raw: bytes, rng: random.Random) -> bytes:
    """Return JSON in which some values are others, or missing."""
    if rng.random() < 0.3:
        return altered_bytes(raw, rng)
    found = json.loads(raw)
    for _ in range(rng.randint(1, 3)):
        places = list(_places(found))
        holder, key = rng.choice(places)
        if rng.random() < 0.3:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(rng.choice(JUNK))
        if not found:
            break
    return json.dumps(found).encode()


def _places(node: Any) -> Any:
    """Yield every (holder, key) below a node."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])


def altered_netcdf(path: Path, rng: random.Random) -> None:
    """Change a posterior in ways that leave it a good netCDF file."""
    import h5py
    import numpy as np

    with h5py.File(path, "r+") as file:
        if rng.random() < 0.7:  # else the checksum refuses whatever else is wrong
            file.attrs.pop("checksum", None)
        groups = [group for group in file.values() if isinstance(group, h5py.Group)]
        group = rng.choice([file, *groups])
        attributes: list[Callable[[], Any]] = [
            lambda: "x" * 60_000,
            lambda: np.arange(5000),
            lambda: "../../outside",
            lambda: np.nan,
            lambda: b"\xff\xfe",
            lambda: "\u202e\n",
        ]
        kind = rng.choice(["attribute", "attribute", "drop group", "drop variable", "numbers"])
        names = [name for name, item in group.items() if isinstance(item, h5py.Dataset)]
        if kind == "attribute" or (kind != "drop group" and not names):
            target = group[rng.choice(names)] if names and rng.random() < 0.5 else group
            own = list(target.attrs) or ["signal"]
            target.attrs[rng.choice(own)] = rng.choice(attributes)()
        elif kind == "drop group":
            del file[rng.choice([name for name in file if isinstance(file[name], h5py.Group)])]
        elif kind == "drop variable":
            del group[rng.choice(names)]
        else:
            dataset = group[rng.choice(names)]
            if dataset.dtype.kind == "f" and dataset.size:
                dataset[...] = rng.choice([np.nan, np.inf, 0.0, -1e308])


def alter(folder: Path, rng: random.Random) -> str:
    """Alter one file of a result; return its name."""
    names = sorted(path.name for path in folder.iterdir() if path.suffix in (".nc", ".json"))
    path = folder / rng.choice(names)
    if path.suffix == ".json":
        path.write_bytes(altered_json(path.read_bytes(), rng))
    elif rng.random() < 0.4:
        altered_netcdf(path, rng)
    else:
        path.write_bytes(altered_bytes(path.read_bytes(), rng))
    if rng.random() < 0.7:  # else a digest refuses it before anybody looks
        seal(folder)
    return path.name


def fuzz_files(number: int, seed: int, slow: bool = True) -> dict[str, object]:
    """Read many altered results and return how many failed, with the first few of them.

    Without the `SLOW` commands, if they are not wanted; with them, one input in eight is theirs.
    """
    quick = [name for name in READERS if name not in SLOW]
    rng = random.Random(seed)
    tally = Tally()
    with working_folder() as folder:
        good = made(folder / "good")
        for reader in quick:  # imports and caches first
            run([reader, "good", *OPTIONS.get(reader, [])], 120.0)
        shutil.rmtree(good / "exports")
        for count in range(number):
            # Another name each time: HDF5 keeps a damaged file open for some time.
            other = folder / f"other-{count}"
            shutil.copytree(good, other)
            changed = alter(other, rng)
            reader = SLOW[count // 8 % 2] if slow and count % 8 == 7 else quick[count % 3]
            # Pictures take longest, and see what the numbers have let through.
            out = ["--out", "out"] if reader == "diagnose" and count % 5 == 0 else []
            line = [reader, other.name, *OPTIONS.get(reader, []), *out]
            tally.run(line, f"{changed}, input {count}", SECONDS)
            shutil.rmtree(other)
            shutil.rmtree(folder / "out", ignore_errors=True)
            outside = {path.name for path in folder.iterdir()} - {"good"}
            if outside:
                tally.fail(f"input {count} wrote {sorted(outside)}")
                break
    return tally.result()
