"""Packages that bring something to evalkit by an entry point, as they lie in a site folder."""

from __future__ import annotations

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


def install(site: Path, *, group: str, name: str, target: str, text: str) -> None:
    """A distribution with one module and one entry point; `site` must stand on sys.path."""
    module = target.partition(":")[0]
    info = site / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (site / f"{module}.py").write_text(text, encoding="utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n", encoding="utf-8")


def shown_code(page: str) -> str:
    """What the first Python block of a how-to page defines, without its trial behind two blank lines and `with`."""
    found = re.search(r"```python\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1].split("\n\n\nwith ")[0] + "\n"
