"""Settings of libraries that lie in the current folder, where they look for them first."""

from __future__ import annotations

from pathlib import Path

from bayesnu.errors import InputError

READ = ("matplotlibrc", "arvizrc")
"""Data, which cannot be harmful; but not everything of that name can be read."""

MOST_BYTES = 100_000

REFUSED = ".numba_config.yaml"
"""It says where compiled code is kept, and that is unpickled and run."""


def check_current_folder() -> None:
    """Refuse settings that would run code of others, or end a library with a traceback.

    Raises
    ------
    InputError
        If there are such.
    """
    from bayesnu.files.plain_files import read_plain

    if Path(REFUSED).exists():
        raise InputError(
            REFUSED, "file", found="settings of numba, which can name code to run", expected="none"
        )
    for name in READ:
        if Path(name).exists() and not Path(name).is_dir():
            raw = read_plain(Path(name), MOST_BYTES, "settings")
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                raise InputError(name, "text", found=error.reason, expected="UTF-8") from None
