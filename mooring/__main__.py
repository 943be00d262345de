"""`python -m mooring` is the command `mooring`."""

import sys

from mooring.cli import main

if __name__ == "__main__":
    sys.exit(main())
