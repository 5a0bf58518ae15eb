"""The environment of the templates: everything is escaped, and nothing hidden in a text acts on a page."""

from __future__ import annotations

from typing import Any

from evalkit.text.outgoing import make_visible


def make_environment() -> Any:
    """Make the jinja2 environment that every page is drawn in.

    An undefined name is an error.
    """
    import jinja2

    return jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: make_visible(value) if type(value) is str else value,
    )
