"""A scorer named by its place in code: `type: MODULE:NAME`, of an installed package or a folder the project names."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from evalkit.core.errors import Location, Problem, SuiteError, did_you_mean, join_allowed
from evalkit.core.fingerprint import file_digest
from evalkit.scorers.function import FunctionScorer, scorer
from evalkit.scorers.table import what_is_wrong
from evalkit.suite.project import FILE, TABLE, OwnProject, find_project

SHAPE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*")
_FOLDERS: set[str] = set()
"""Folders of scorers that this process has looked into"""


def is_own(name: str) -> bool:
    """Tell whether a type names a place in code.

    >>> is_own("tone:is_calm"), is_own("exact")
    (True, False)
    """
    return ":" in name


def load_own(name: str, *, root: Path) -> object:
    """Load the scorer behind `MODULE:NAME`.

    It is a function, a decorated one, or a dataclass.

    The module is one of the folders that the pyproject.toml above `root` names (`[tool.evalkit] scorers`), else one
    that is installed. SuiteError where there is none, it cannot be loaded, or the name is no scorer; each has the file
    and the line.
    """
    if SHAPE.fullmatch(name) is None:
        raise SuiteError(
            Problem(what=f"{name!r} names no scorer", allowed="the name of a scorer, or MODULE:FUNCTION (tone:is_calm)")
        )
    module_name, _, attribute = name.partition(":")
    project = find_project(root)
    folders = project.scorers if project is not None else ()
    module = _load_module(module_name, folders, root=root, project=project)
    thing = getattr(module, attribute, None)
    if thing is None:
        raise SuiteError(_no_such_name(module, attribute))
    if callable(thing) and not isinstance(thing, type) and not hasattr(thing, "metrics"):
        thing = scorer(thing)
    why = what_is_wrong(name, thing)
    if why is not None:
        raise SuiteError(Problem(what=f"scorer {name!r}: {why}", where=_place(module, attribute)))
    if isinstance(thing, FunctionScorer) and module.__file__ is not None:
        return thing.in_file(file_digest(Path(module.__file__)))
    return thing


def _load_module(name: str, folders: Sequence[Path], *, root: Path, project: OwnProject | None) -> ModuleType:
    _make_room(folders)
    holder = next((folder for folder in folders if _there(folder, name.partition(".")[0])), None)
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise SuiteError(_no_module(name, folders, root=root, project=project)) from None
        raise SuiteError(_tell_broken(name, error)) from error
    except (
        Exception,
        SystemExit,
    ) as error:  # a user's module may raise anything when it is loaded, and end with exit()
        raise SuiteError(_tell_broken(name, error)) from error
    if holder is not None and not _lies_in(module, holder):
        other = module.__file__ or "a part of Python itself"
        what = f"the module {name!r} of {holder} is hidden by another of that name: {other}"
        raise SuiteError(Problem(what=what, todo="give the file another name"))
    return module


def _make_room(folders: Sequence[Path]) -> None:
    """Put the project's folders behind all others on the path; modules of another project's are forgotten."""
    wanted = [str(folder) for folder in folders]
    others = _FOLDERS.difference(wanted)
    if others:
        sys.path[:] = [place for place in sys.path if place not in others]
        for loaded, module in list(sys.modules.items()):
            if any(_lies_in(module, Path(other)) for other in others):
                del sys.modules[loaded]
    sys.path += [folder for folder in wanted if folder not in sys.path]
    _FOLDERS.clear()
    _FOLDERS.update(wanted)
    importlib.invalidate_caches()


def _there(folder: Path, first: str) -> bool:
    return (folder / f"{first}.py").is_file() or (folder / first).is_dir()


def _lies_in(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return Path(file).is_relative_to(folder)
    places = [str(place) for place in getattr(module, "__path__", ())]
    return bool(places) and all(Path(place).is_relative_to(folder) for place in places)


def _no_module(name: str, folders: Sequence[Path], *, root: Path, project: OwnProject | None) -> Problem:
    known = sorted({path.stem for folder in folders for path in folder.glob("*.py")})
    looked = ", ".join([*(str(folder) for folder in folders), "the installed packages"])
    beside = root / "scorers"
    todo = "install the package that has it"
    if _there(beside, name.partition(".")[0]) and beside.resolve() not in folders:
        where = project.path if project is not None else root.resolve() / FILE
        named = beside.resolve()
        shown = named.relative_to(where.parent).as_posix() if named.is_relative_to(where.parent) else str(named)
        todo = f'write into {where}: {TABLE} with the line scorers = ["{shown}"]'
    elif not folders:
        todo += f', or put it into a folder that {FILE} names: {TABLE} with the line scorers = ["scorers"]'
    what = f"there is no module {name!r}{did_you_mean(name, known)}; looked in: {looked}"
    return Problem(what=what, allowed=join_allowed(known) or None, todo=todo)


def _tell_broken(name: str, error: Exception | SystemExit) -> Problem:
    """A module that cannot be loaded, with the line that says so: its own, where the error came out of another."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return Problem(
            what=f"the module {name!r} is no Python: {error.msg}",
            where=Location(file=error.filename, line=error.lineno, column=error.offset),
        )
    first = name.partition(".")[0]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if first in Path(frame.filename).with_suffix("").parts]
    place = own[-1] if own else frames[-1]
    return Problem(
        what=f"the module {name!r} cannot be loaded: {type(error).__name__}: {error}",
        where=Location(file=place.filename, line=place.lineno),
    )


def _no_such_name(module: ModuleType, attribute: str) -> Problem:
    own = [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and callable(thing)
        and getattr(thing, "__module__", module.__name__) == module.__name__
    ]
    what = f"the module {module.__name__!r} has no {attribute!r}{did_you_mean(attribute, own)}"
    return Problem(what=what, where=_place(module, ""), allowed=join_allowed(own) or None)


def _place(module: ModuleType, name: str) -> Location | None:
    """Where a name is defined at the top of a module."""
    if module.__file__ is None:
        return None
    try:
        tree = ast.parse(Path(module.__file__).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return Location(file=module.__file__)
    nodes = (node for node in tree.body if getattr(node, "name", None) == name)
    found = next(nodes, None)
    return Location(file=module.__file__, line=None if found is None else found.lineno)
