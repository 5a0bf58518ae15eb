"""Show the models that can be asked here, their identity and their files; convert and remove.

list         the models of models.yaml and the embedded one, where their files are, and the folders evalkit has made
fingerprint  who a model is by the content of its files: what kept answers are filed under
convert      a GGUF, weights kept as .bin, or an adapter with its base, as an ordinary folder of safetensors (-o FOLDER)
remove       folders that evalkit has made and can make again
disk         what evalkit keeps on disk
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from evalkit.cli.language import speak
from evalkit.cli.say import give, say
from evalkit.cli.shared import document, root_argument

if TYPE_CHECKING:
    from evalkit.models.local.inventory import ConvertedModel, ModelFiles
    from evalkit.pipeline.inventory import ModelRow
    from evalkit.pipeline.options import Options

CONVERT = "evalkit models convert MODEL -o FOLDER"
_WHAT = ("list", "fingerprint", "convert", "remove", "disk")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is done, with which models."""
    parser.add_argument("what", choices=_WHAT, nargs="?", default="list", metavar="|".join(_WHAT))
    parser.add_argument("named", metavar="MODEL", nargs="*", help="names of models.yaml, folders, or converted models")
    parser.add_argument("-o", "--output", metavar="FOLDER", help="convert: the folder to make")
    parser.add_argument("--models", metavar="FILE", help="default: models.yaml, else suites/models.yaml")
    parser.add_argument("--json", action="store_true", help="as data")
    root_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit 0; exit 2 for what is not there or cannot be done."""
    from pathlib import Path

    from evalkit.core.errors import Problem, UsageError
    from evalkit.pipeline.options import Options

    if args.output is not None and args.what != "convert":
        raise UsageError(Problem(what=f"`models {args.what}` writes nothing", allowed=CONVERT))
    if args.named and args.what in ("list", "disk"):
        raise UsageError(Problem(what=f"`models {args.what}` takes no names", allowed=f"evalkit models {args.what}"))
    options = Options(models=args.models, root=Path(args.root), say=partial(say, file=sys.stderr))
    tell = {"list": _list, "fingerprint": _fingerprint, "convert": _convert, "remove": _remove, "disk": _disk}
    tell[args.what](args, options)
    return 0


def _list(args: argparse.Namespace, options: Options) -> None:
    from dataclasses import asdict

    from evalkit.pipeline.inventory import converted_models, list_models

    rows, made = list_models(options), converted_models(options)
    if args.json:
        told = [{**asdict(one), "folder": str(one.folder)} for one in made]
        give(document("models", {"models": [asdict(row) for row in rows], "converted": told}))
        return
    for row in rows:
        say(_line(row))
    say(f"\nconverted by evalkit: {len(made)}")
    for one in made:
        damaged = "" if one.sound else "  damaged: it is made again when it is asked"
        say(f"  {one.name}  {_size(one.bytes)}  of {one.source}{damaged}")


def _line(row: ModelRow) -> str:
    what = f"{row.name}: {row.provider}, {row.model}" + (f" + {row.adapter}" if row.adapter else "")
    lines = [what, *(f"    {_place(files)}" for files in row.files)]
    if row.recording:
        lines.append(f"    recording {row.recording}")
    return "\n".join([*lines, *(f"    wrong: {problem}" for problem in row.problems)])


def _place(files: ModelFiles) -> str:
    return files.where if files.bytes is None else f"{files.where}  {_size(files.bytes)}"


def _fingerprint(args: argparse.Namespace, options: Options) -> None:
    import json

    from evalkit.pipeline.inventory import fingerprint_models

    found = fingerprint_models(args.named, options=options)
    if args.json:
        give(document("fingerprints", {"models": found}))
        return
    for name, facts in found.items():
        say(f"{name}: {facts['fingerprint']}")
        for key, value in facts.items():
            if key != "fingerprint" and value not in (None, "", [], {}):
                say(f"    {key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")


def _convert(args: argparse.Namespace, options: Options) -> None:
    from evalkit.core.errors import Problem, UsageError
    from evalkit.pipeline.inventory import convert_model

    if len(args.named) != 1 or args.output is None:
        raise UsageError(Problem(what="one model and one folder are needed", allowed=CONVERT))
    made = convert_model(args.named[0], args.output, options=options)
    say(f"{args.named[0]} is written to {made}: name it as `model:` in models.yaml, or as local:{made}")


def _remove(args: argparse.Namespace, options: Options) -> None:
    from evalkit.pipeline.inventory import remove_models

    gone = remove_models(args.named, options=options)
    if args.json:
        give(document("removed", {"removed": [one.name for one in gone], "bytes": _total(gone)}))
        return
    say(f"removed {', '.join(one.name for one in gone)}: {_size(_total(gone))} are free")


def _total(models: tuple[ConvertedModel, ...]) -> int:
    return sum(one.bytes for one in models)


def _disk(args: argparse.Namespace, options: Options) -> None:
    from evalkit.pipeline.inventory import disk_used

    found = disk_used(options)
    if args.json:
        give(document("disk", {"bytes": found}))
        return
    from rich.cells import cell_len

    told = {speak()(name): _size(size) for name, size in (*found.items(), ("together", sum(found.values())))}
    for name, size in told.items():
        say(f"{name}{' ' * (20 - cell_len(name))} {size:>10}")


def _size(size: int) -> str:
    for unit, bytes_of in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= bytes_of:
            return f"{size / bytes_of:.1f} {unit}"
    return f"{size} B"
