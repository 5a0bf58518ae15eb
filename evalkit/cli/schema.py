"""Print the JSON Schema of a suite file (or of models.yaml, or of a verdict), for editors and other programs."""

from __future__ import annotations

import argparse
import json

from evalkit.cli.say import give


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which of the shapes."""
    parser.add_argument("shape", choices=("suite", "models", "verdict"), nargs="?", default="suite")


def run(args: argparse.Namespace) -> int:
    """Print it; exit 0."""
    from evalkit.report.renderers.verdict_schema import verdict_schema
    from evalkit.suite.load import models_schema, suite_schema

    make = {"suite": suite_schema, "models": models_schema, "verdict": verdict_schema}[args.shape]
    give(json.dumps(make(), ensure_ascii=False, indent=2))
    return 0
