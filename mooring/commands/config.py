"""mooring config schema: print the JSON Schema of params.yaml, section by section."""

import argparse
import json

from mooring.config.project import Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=["schema"], help="schema: the JSON Schema of params.yaml")


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    print(json.dumps(Project.model_json_schema(), indent=2))
    return 0
