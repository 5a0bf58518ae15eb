"""The gallery: the commands that its page shows are run, and the pages they write stand on the site."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tempfile
from functools import cache
from pathlib import Path

from docs.site.languages import DOCS, ROOT

PAGE = "gallery.md"
_SHOWN = re.compile(
    r"^<!-- gallery: (?P<name>[\w-]+) -->\n+```console\n\$ (?P<command>evalkit .*?) +# exit (?P<code>\d)\n```$",
    re.MULTILINE,
)


@cache
def gallery_pages() -> dict[str, str]:
    """Gives the HTML of every page of the gallery, by its name on the site.

    Raises:
        RuntimeError: a command of the page did not end as the page says, or it shows none
    """
    shown = list(_SHOWN.finditer((DOCS / PAGE).read_text(encoding="utf-8")))
    if not shown:
        raise RuntimeError(
            f"docs/{PAGE}: no block '<!-- gallery: NAME -->' with a console command '$ evalkit ... # exit N'"
        )
    return {f"gallery/{one['name']}.html": run_command(one["command"], int(one["code"])) for one in shown}


def embed(text: str) -> str:
    """Gives the text of the gallery with a window on each page below its command."""
    return _SHOWN.sub(lambda found: f"{found[0]}\n\n{_window(found['name'])}", text)


def _window(name: str) -> str:
    link = f"gallery/{name}.html"
    return f'<iframe class="gallery" src="{link}" title="{name}" loading="lazy"></iframe>\n\n[{name}.html]({link})'


def run_command(command: str, code: int) -> str:
    """Runs an evalkit command that must end with this code, and gives the page it wrote.

    Raises:
        RuntimeError: it ended otherwise
    """
    from evalkit.cli import main

    told = io.StringIO()
    quiet = contextlib.redirect_stdout(told), contextlib.redirect_stderr(told)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(ROOT), quiet[0], quiet[1]:
        ended = main([*shlex.split(command)[1:], "--root", folder, "--report", f"{folder}/page"])
        if ended != code:
            raise RuntimeError(f"docs/{PAGE}: {command}: exit {ended}, not {code}\n{told.getvalue()}")
        return (Path(folder) / "page" / "index.html").read_text(encoding="utf-8")
