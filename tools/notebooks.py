"""Execute the notebooks and store their outputs (`make notebooks`, or with names of some).

Every notebook runs by itself, in an empty folder that is deleted afterwards, with the Python that
runs this file. Nothing is installed and nothing is written to the user's home: kernel
specification, history and run-time files live in a temporary folder too.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from bayesnu import available
from bayesnu.papers.inputs import inputs

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"

SECONDS_PER_CELL = 300
"""A cell that takes longer hangs."""

NAME = re.compile(r"[a-z][a-z0-9-]*(?:@[a-z0-9-]+)?")
"""What may be the name of an experiment."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""What is stored of the kernel: nothing of this machine."""


def notebook_paths() -> list[Path]:
    """Return the notebooks, in order."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    """Return a notebook, checked against the format's schema."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def execute(path: Path) -> NotebookNode:
    """Return a notebook with the outputs of a fresh run.

    Parameters
    ----------
    path : Path

    Returns
    -------
    NotebookNode
        Without times of execution, and with the metadata of every machine.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    notebook = read(path)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        work = scratch / "work"
        work.mkdir()
        client = NotebookClient(
            notebook,
            km=_kernel(scratch),
            timeout=SECONDS_PER_CELL,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(work)}},
        )
        client.execute(env=_environment(scratch), cleanup_kc=True)
    _tidy(notebook)
    return notebook


def _kernel(scratch: Path) -> AsyncKernelManager:
    """Return what makes this Python the kernel, with its files in a temporary folder."""
    own = scratch / "kernels/bayesnu"
    own.mkdir(parents=True)
    specification = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
    }
    (own / "kernel.json").write_text(json.dumps(specification), encoding="utf-8")
    return AsyncKernelManager(
        kernel_name="bayesnu",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(own.parent)]),
        connection_file=str(scratch / "connection.json"),
        # Sockets are files in the temporary folder: no port is opened.
        transport="ipc",
        ip=str(scratch / "kernel"),
    )


def _environment(scratch: Path) -> dict[str, str]:
    """Return the kernel's environment: this checkout's package, no traces in the home."""
    paths = [str(FOLDER.parent), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "IPYTHONDIR": str(scratch / "ipython"),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        # A progress bar or a line width of the terminal must not depend on where it runs.
        "COLUMNS": "120",
    }


def _tidy(notebook: NotebookNode) -> None:
    """Keep what a reader sees, without what differs from run to run."""
    notebook.metadata = nbformat.from_dict(METADATA | {"inputs": inputs(experiments(notebook))})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).clear()


def experiments(notebook: NotebookNode) -> set[str]:
    """Return the packaged experiments that a notebook names, in code or output."""
    return set(NAME.findall(json.dumps(notebook.cells))) & set(available())


def write(notebook: NotebookNode, path: Path) -> None:
    """Store a notebook."""
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def main() -> None:
    """Execute the notebooks that are named, or all."""
    names = sys.argv[1:]
    for path in notebook_paths():
        if names and not any(path.name.startswith(name) for name in names):
            continue
        started, cpu = time.perf_counter(), _cpu_seconds()
        write(execute(path), path)
        print(
            f"{path.name}: {time.perf_counter() - started:.0f} s "
            f"({_cpu_seconds() - cpu:.0f} s of processor), {path.stat().st_size / 1000:.0f} kB"
        )


def _cpu_seconds() -> float:
    """Return the processor time of all kernels that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
