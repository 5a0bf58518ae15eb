"""Flags and kinds of notes stand in one table each, and nobody finds them by words of a sentence."""

import ast
import importlib
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from evalkit.core.flags import FLAGS, Flag
from evalkit.core.notes import NOTE_KINDS, Note, NoteKind, kind_of, note_json, read_note

ROOT = Path(__file__).parents[2]
FILES = sorted(path for room in ("gates", "stats", "pipeline") for path in (ROOT / "evalkit" / room).rglob("*.py"))


def names_flags(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of the code that speak of flags."""
    for part in ast.walk(node):
        if isinstance(part, ast.keyword) and part.arg == "flags":
            yield part.value
        elif isinstance(part, ast.Assign | ast.AnnAssign | ast.AugAssign) and part.value is not None:
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            if any(isinstance(target, ast.Name) and "flags" in target.id for target in targets):
                yield part.value
        elif isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.In | ast.NotIn):
            yield from [part.left] if ast.unparse(part.comparators[0]).endswith("flags") else []


def used(path: Path) -> set[str]:
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    found = set()
    for expression in names_flags(ast.parse(path.read_text(encoding="utf-8"))):
        for part in ast.walk(expression):
            value = part.value if isinstance(part, ast.Constant) else None
            if isinstance(part, ast.Name):
                value = getattr(module, part.id, None)
            if isinstance(value, str):
                found.add(value)
    return found


def test_every_flag_that_is_set_or_asked_for_stands_in_the_table() -> None:
    found = {flag: path.name for path in FILES for flag in used(path)}
    assert len(found) > 20
    assert {flag: where for flag, where in found.items() if flag not in FLAGS} == {}


def test_the_tables_and_the_types_say_the_same() -> None:
    assert FLAGS.keys() == {*get_args(Flag)}
    assert NOTE_KINDS.keys() == {*get_args(NoteKind)}


def test_a_note_keeps_its_kind_where_it_is_stored_and_between_processes() -> None:
    note = Note("one", kind="surplus_answers")
    assert kind_of(read_note(note_json(note))) == "surplus_answers"
    assert kind_of(pickle.loads(pickle.dumps(note))) == "surplus_answers"
    assert (note_json("two"), kind_of("two")) == ("two", "general")
    assert read_note({"kind": "of a later version", "text": "three"}) == "three"
