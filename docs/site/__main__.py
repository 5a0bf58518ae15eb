"""Build the site in both languages: `python -m docs.site`, from the project's root; any warning is an error."""

import argparse
import logging
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def load(name: str, out: Path, **changes: object) -> Any:
    """Gives a language's configuration, strict, with MkDocs's notice about its own future left out."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    from mkdocs.config import load_config

    return load_config(str(ROOT / name), site_dir=str(out), strict=True, **changes)


def build_site(out: Path) -> None:
    """Builds both languages into a folder, the Japanese one under `ja/`; a warning ends it."""
    if out.is_dir() and any(out.iterdir()) and not (out / "sitemap.xml").exists():
        raise SystemExit(f"{out} holds other things than a site, and a build empties its folder: name another one")
    for name, folder in (("mkdocs.yml", out), ("mkdocs.ja.yml", out / "ja")):
        config = load(name, folder)
        from mkdocs.commands.build import build

        build(config)


def main() -> None:
    """Reads where to build, and builds."""
    parser = argparse.ArgumentParser(prog="python -m docs.site", description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=ROOT / "site", help="default: site/")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    build_site(parser.parse_args().out.resolve())


if __name__ == "__main__":
    main()
