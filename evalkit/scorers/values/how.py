"""How one field is compared, as a suite names it: ``exact``, ``{fuzzy: 0.9}``, ``{list: set}``, ``ignore``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.core.errors import did_you_mean, join_allowed
from evalkit.core.exchange import Json
from evalkit.scorers.values.expected import KINDS, Expected, check_options, read_expected

_MAIN_OPTION = {"fuzzy": "at_least", "number": "tolerance", "text": "case", "contains": "case"}
LISTS = ("ordered", "set")
_NAMES = (*(k for k in KINDS if k != "regex"), "ignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """A matcher without its value.

    `lists` is "ordered", "set" or "key"; with "key" elements are paired by `key`.
    """

    kind: str = "equals"
    options: Mapping[str, Json] = field(default_factory=dict)
    lists: str | None = None
    key: str = ""

    def expect(self, value: Json) -> Expected:
        """Return the matcher with its value.

        A value that names its own matcher keeps it.
        """
        own = read_expected(value)
        if own.kind != "equals" or self.kind == "equals":
            return own
        return Expected(kind=self.kind, value=own.value, optional=own.optional, options=self.options)


def read_how(raw: Json) -> How:
    """Read how a suite wants a field compared.

    Raises ValueError with the allowed names.

    >>> read_how({"fuzzy": 0.9}).options, read_how({"list": {"by": "id"}}).key
    ({'at_least': 0.9}, 'id')
    """
    if isinstance(raw, str):
        return How(kind=_check_name(raw))
    if not isinstance(raw, Mapping) or len(raw) != 1:
        raise ValueError(f"a matcher is a name or one name with its option, got {raw!r}")
    name, option = next(iter(raw.items()))
    if name == "list":
        return _read_list(option)
    kind = _check_name(name)
    options = dict(option) if isinstance(option, Mapping) else {_main_option(kind): option}
    check_options(kind, options)
    return How(kind=kind, options=options)


def _read_list(option: Json) -> How:
    if option in LISTS:
        return How(lists=option)
    if isinstance(option, Mapping) and set(option) == {"by"} and isinstance(option["by"], str):
        return How(lists="key", key=option["by"])
    raise ValueError(f"list is ordered, set or {{by: FIELD}}, not {option!r}")


def _check_name(name: str) -> str:
    if name not in _NAMES:
        raise ValueError(f"unknown matcher {name!r}{did_you_mean(name, _NAMES)}; allowed: {join_allowed(_NAMES)}")
    return name


def _main_option(kind: str) -> str:
    if kind not in _MAIN_OPTION:
        raise ValueError(f"{kind} takes no option")
    return _MAIN_OPTION[kind]
