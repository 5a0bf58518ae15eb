"""python -m evalkit: the same program as the command."""

import sys

from evalkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
