"""Walks the source for sentences without Japanese.

`python tests/unit/report/sentence_source.py [ROOM...]` lists them with their places, a line each.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import evalkit
from evalkit.cli import COMMANDS, EPILOG, command_parser
from evalkit.cli.help import help_sentences
from evalkit.report.renderers.told import Told
from evalkit.report.sentences.book import catalogue
from evalkit.report.sentences.template import skeleton
from evalkit.report.sentences.titles import titles

HOUSE = Path(evalkit.__file__).parent
LEFT_OUT = {
    "testing": "what an author of tests reads, from Python",
    "text": "patterns by which texts are read",
}
ROOMS = (
    *sorted(
        one.name
        for one in HOUSE.iterdir()
        if one.name not in LEFT_OUT and (one.suffix == ".py" or (one / "__init__.py").is_file())
    ),
    "text/personal",
    "text/persona_profiles.py",
)
"""Rooms whose sentences people read: all but those left out"""
OF_ARRAYS = ("slices", "stats")
"""Rooms of arrays: what they raise is for whoever calls them from Python, in English"""
NO_SENTENCES = {
    "__init__.py": "what a caller from Python reads",
    "core/exchange.py": "what an author of a provider reads",
    "core/flags.py": "a table of the reference",
    "core/notes.py": "a table of the reference",
    "data/formats/__init__.py": "what an author of a format reads",
    "data/formats/bbq.py": "answers of a data set",
    "data/formats/pairs.py": "what a model reads",
    "gates/kinds.py": "what an author of a gate reads",
    "pipeline/suites/prompts.py": "what a model reads",
    "report/renderers/verdict_schema.py": "a schema that programs read",
    "report/sentences/template.py": "what an author of a translation reads",
    "models/openai/adapt.py": "what servers say",
    "models/openai/failures.py": "what servers say",
    "publish/model_card.py": "a card, in English",
    "slices/frame.py": "what a caller from Python reads",
    "slices/frame_guards.py": "what a caller from Python reads",
    "stats/arguments.py": "what a caller from Python reads",
    "text/personal/find.py": "what an author of a finder reads",
    "scorers/style/brand.py": "a pattern of courtesies",
    "scorers/tool_calls/asking.py": "a pattern of questions",
}
NOT_OURS = {
    "My answer is yes": "what IFEval asks a model to say",
    "My answer is no": "what IFEval asks a model to say",
    "My answer is maybe": "what IFEval asks a model to say",
    "for name in": "code",
    "Unrecognized configuration class": "what transformers says",
    "does not recognize this architecture": "what transformers says",
    "Should have a `": "what transformers says",
    "out of memory": "what torch says",
    "can't allocate memory": "what torch says",
    "enqueued token limit": "what a server says",
    "has no attribute": "what Python says",
    "Invalid control character": "what Python says",
    "Invalid control character at": "what Python says",
    "Expecting property name enclosed in double quotes": "what Python says",
    "Illegal trailing comma before end of object": "what Python says",
    "Illegal trailing comma before end of array": "what Python says",
}
OF_THE_TOP = (
    "usage: ",
    "commands:",
    "positional arguments",
    "options",
    "show this help message and exit",
    "evalkit COMMAND ...   (evalkit COMMAND --help tells more)",
    "Deploy a fine-tuned language model, or do not - with evidence.",
    EPILOG,
    *COMMANDS.values(),
)
WORDS = re.compile(r"(?<![\w'`\"/.=-])[A-Za-z]?[a-z']+(?: [a-z']+){2,}(?![\w`\"/=-])")


def strings(source: str, *, raised: bool = True) -> Iterator[tuple[int, str]]:
    """(line, text) of every text of a module that is no docstring, f-strings piece by piece."""
    tree = ast.parse(source)
    skip = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    if not raised:
        skip |= {id(one) for node in ast.walk(tree) if isinstance(node, ast.Raise) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            skip |= {id(one) for one in ast.walk(node.format_spec)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skip:
            yield node.lineno, re.sub(r"\{\w+(?:![rs])?\}", "{}", node.value)  # a text that `format` fills


def pieces_of(text: str) -> list[str]:
    """The parts of a text that are sentences or clauses, without what stands between them."""
    plain = re.sub(r"`[^`]*$", "", re.sub(r"`[^`]*`", "``", text))
    parts = (part.strip(" .,;:()%*{}") for part in re.split(r"; |: |\. |, | \(|\)|\n", plain) if WORDS.search(part))
    return [part for part in parts if part not in NOT_OURS and not part.startswith("evalkit ")]  # a command


def known_sentences() -> str:
    told = "\n".join([*map(skeleton, catalogue()), *Told(start="en").labels, *help_sentences(), *titles()])
    return re.sub(r"`[^`]*`", "``", told.replace("→", "->"))


def missing_sentences(room: str, known: str) -> list[str]:
    """Place and words of each piece of a room's sentences that has no Japanese."""
    missing: list[str] = []
    place = HOUSE / room
    for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
        name = str(path.relative_to(HOUSE))
        if name in NO_SENTENCES:
            continue
        for line, text in strings(path.read_text(encoding="utf-8"), raised=room not in OF_ARRAYS):
            lost = [piece for piece in pieces_of(text.replace("→", "->")) if piece not in known]
            missing += [f"evalkit/{name}:{line}: {piece!r}" for piece in lost]
    return missing


def _told_by(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Whatever a parser and those within it say in words."""
    yield from (one for one in (parser.description, parser.epilog) if one)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from (str(choice.help) for choice in action._choices_actions)
            for inner in action.choices.values():
                yield from _told_by(inner)
        elif action.help:
            yield action.help


def told_by_help() -> set[str]:
    """Whatever `--help` says, of evalkit and of each command."""
    return {*OF_THE_TOP, *(one for name in COMMANDS for one in _told_by(command_parser(name)[0]))}


if __name__ == "__main__":
    told = known_sentences()
    for chosen in sys.argv[1:] or ROOMS:
        sys.stdout.writelines(f"{line}\n" for line in missing_sentences(chosen, told))
