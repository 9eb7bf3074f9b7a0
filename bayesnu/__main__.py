"""``python -m bayesnu``."""

import contextlib
import os
import sys

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))

# Python puts the current folder first, and what lies there would be imported by any name. Only
# where the package itself is taken from there does it have to stay.
with contextlib.suppress(OSError):  # a folder that has been removed
    current = os.getcwd()
    if not sys.flags.safe_path and sys.path[0] in ("", current) and os.path.realpath(".") != HERE:
        del sys.path[0]

from bayesnu.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
