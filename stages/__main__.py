"""Run one stage as DVC does: `python -m stages NAME`.

The process dies with DVC, so that a killed `dvc repro` leaves no writer behind. A MooringError is
printed as its message alone.
"""

import importlib
import pkgutil
import sys

import stages
from mooring.errors import MooringError
from mooring.machine.parent import die_with_parent
from mooring.machine.process import explain_full_disk, leave, quick_imports, wait_passively


def main(arguments: list[str]) -> int:
    """Run the named stage; return 0, or 2 after a MooringError or a wrong name."""
    names = [module.name for module in pkgutil.iter_modules(stages.__path__)]
    names = sorted(name for name in names if name != "__main__")
    if len(arguments) != 1 or arguments[0] not in names:
        print(f"usage: python -m stages NAME, where NAME is one of {', '.join(names)}")
        return 2
    die_with_parent()
    wait_passively()
    try:
        with quick_imports():
            stage = importlib.import_module(f"stages.{arguments[0]}")
        with explain_full_disk():
            stage.main()
    except MooringError as error:
        print(f"stage {arguments[0]} failed\n{error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
