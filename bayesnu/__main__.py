"""``python -m bayesnu``."""

import os
import sys

# Python puts the current folder first, and what lies there would be imported by any name. Only
# where the package itself is taken from there does it have to stay.
here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if not sys.flags.safe_path and sys.path and sys.path[0] in ("", os.getcwd()):
    if os.path.realpath(sys.path[0] or ".") != os.path.realpath(here):
        del sys.path[0]

from bayesnu.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
