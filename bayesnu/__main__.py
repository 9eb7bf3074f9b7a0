"""``python -m bayesnu``."""

import sys

from bayesnu.cli import main

if __name__ == "__main__":
    sys.exit(main())
