"""mooring serve: serve the bento of this commit with `bentoml serve`."""

import argparse
import os
import sys
from pathlib import Path

from mooring.bento.importing import checked_tag, import_bento, source_commit
from mooring.records.location import location


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument(
        "--store",
        help="directory or URL for the prediction log and the profiles; off: keep none "
        "(default: $MOORING_STORE, else .mooring/store)",
    )
    parser.add_argument("--workers", type=int, default=1, help="worker processes")


def run(options: argparse.Namespace) -> int:
    """Import the bento into BentoML's store unless it is there, and become its server."""
    tag = checked_tag()
    home = Path(os.environ.get("BENTOML_HOME", Path.home() / "bentoml"))
    if not (home / "bentos" / tag.replace(":", "/") / "bento.yaml").is_file():
        import_bento()
    os.environ |= {"BENTOML_DO_NOT_TRACK": "True", "MOORING_WORKERS": str(options.workers)}
    os.environ["MOORING_STORE"] = location(options.store, os.environ) or "off"
    commit = source_commit()
    if commit:
        os.environ["MOORING_SOURCE_COMMIT"] = commit
    print(f"{tag} from {commit or 'an uncommitted work tree'}", flush=True)
    address = ["--host", options.host, "--port", str(options.port)]
    os.execv(sys.executable, [sys.executable, "-m", "bentoml", "serve", tag, *address])  # noqa: S606
