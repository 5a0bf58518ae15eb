"""Print the JSON Schema of a suite file (or of models.yaml), for editors that complete and check YAML."""

from __future__ import annotations

import argparse
import json

from evalkit.cli.say import give


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which of the two shapes."""
    parser.add_argument("shape", choices=("suite", "models"), nargs="?", default="suite")


def run(args: argparse.Namespace) -> int:
    """Print it; exit 0."""
    from evalkit.suite.load import models_schema, suite_schema

    schema = suite_schema() if args.shape == "suite" else models_schema()
    give(json.dumps(schema, ensure_ascii=False, indent=2))
    return 0
