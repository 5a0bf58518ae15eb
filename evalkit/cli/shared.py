"""Options that several commands take, and how they become `pipeline.options.Options`."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.cli.publish import publish_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evalkit.cli.progress import Progress
    from evalkit.core.exchange import Json
    from evalkit.pipeline.options import Options

REPORTS = "reports/out"


def suite_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which suites, which models, which examples."""
    parser.add_argument("--suite", action="append", default=[], metavar="FILE_OR_FOLDER", help="default: suites/")
    parser.add_argument("--models", metavar="FILE", help="default: models.yaml, else suites/models.yaml")
    parser.add_argument("--limit", type=read_count, metavar="N", help="a seeded sample of N examples a suite")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of the sample (default: the suite's)")
    parser.add_argument("-k", dest="keyword", metavar="EXPR", help="only examples whose suite, id or tag=value match")
    root_argument(parser)


def root_argument(parser: argparse.ArgumentParser) -> None:
    """Declare where the ledger and the kept runs are."""
    parser.add_argument("--root", default=".", metavar="DIR", help="the folder that holds .evalkit/ (default: here)")


def asking_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare whether and how models may be asked."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--live", action="store_true", help="ask every model anew")
    either.add_argument("--refresh", action="store_true", help="the same as --live")
    either.add_argument("--replay", action="store_true", help="ask no model: recordings and kept answers only")
    parser.add_argument(
        "--max-age", type=_age, metavar="AGE", help="ask again what was kept longer ago: 7d, 12h, 30m or seconds"
    )
    parser.add_argument("--early-stop", action="store_true", help="ask the candidate no longer than needed")
    parser.add_argument("--max-cost", type=read_money, metavar="USD", help="stop before the call that would exceed it")
    parser.add_argument(
        "--workers",
        type=read_count,
        metavar="N",
        help="compute local models in N processes: a GPU each, or a share of CPUs",
    )
    parser.add_argument(
        "--executor", choices=("processes", "ray"), default="processes", help="ray: workers are actors of a Ray cluster"
    )
    parser.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help="a Ray cluster that runs: HOST:PORT or auto (default: one started here)",
    )


def output_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where results go."""
    parser.add_argument("--report", metavar="DIR", help=f"folder of the HTML report (default: {REPORTS}/RUN)")
    parser.add_argument("--json", metavar="FILE", help="the verdict as data (- for standard output)")
    parser.add_argument("--junit", metavar="FILE", help="findings as JUnit XML")
    parser.add_argument("--markdown", metavar="FILE", help="a summary for a pull request")
    parser.add_argument("--code-quality", metavar="FILE", help="findings at the lines of their gates, for GitLab")
    publish_argument(parser)


def options(args: argparse.Namespace, *, progress: Progress | None = None) -> Options:
    """Build the options of a run from parsed arguments."""
    from evalkit.pipeline.options import Mode, Options

    replay = getattr(args, "replay", False)
    live = getattr(args, "live", False) or getattr(args, "refresh", False)
    mode: Mode = "replay" if replay else "live" if live else "reuse"
    quiet = Options()
    return Options(
        suites=tuple(args.suite),
        models=args.models,
        mode=mode,
        max_cost=getattr(args, "max_cost", None),
        max_age_s=getattr(args, "max_age", None),
        limit=args.limit,
        seed=args.seed,
        keyword=args.keyword,
        early_stop=getattr(args, "early_stop", False),
        workers=getattr(args, "workers", None),
        executor=getattr(args, "executor", "processes"),
        ray_address=getattr(args, "ray_address", None),
        root=Path(args.root),
        tell=progress.tell if progress is not None else quiet.tell,
        say=progress.say if progress is not None else quiet.say,
    )


def document(holds: str, data: Mapping[str, Json]) -> str:
    """Return results as JSON text: the version, what the file holds, and the data.

    Every `--json` that is no verdict is written so; docs/reference/report.md lists what `holds` can be.
    """
    import json

    from evalkit import __version__

    told = {"evalkit": __version__, "holds": holds, **data}
    return json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write(path: str, text: str) -> None:
    """Write a result where the user wants it.

    `-` is standard output. OSError names the path.
    """
    if path == "-":
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def write_pieces(path: str, pieces: Iterator[str]) -> None:
    """Write a file while it is made, whole or not at all.

    OSError names the path.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("w", encoding="utf-8") as handle:
            handle.writelines(pieces)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def read_count(word: str) -> int:
    """Read a whole number from 1 as an argument."""
    try:
        value = int(word)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, at least 1, not {word!r}")
    return value


def _age(word: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw]?)", word.strip().lower())
    if found is None:
        raise argparse.ArgumentTypeError(f"must be a time such as 7d, 12h, 30m or seconds, not {word!r}")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}[found[2]]


def read_money(word: str) -> float:
    """Read a sum in USD from 0 as an argument."""
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"must be a sum in USD, at least 0, not {word!r}")
    return value
