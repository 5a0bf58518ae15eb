"""What the options of scorers may be made of, beyond plain types."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError


def _beside_the_suite(path: Path, info: ValidationInfo) -> Path:
    root = (info.context or {}).get("root")
    found = path if path.is_absolute() or root is None else Path(root) / path
    if not found.is_file():
        raise PydanticCustomError("missing_file", "there is no file {path}", {"path": str(found)})
    return found


SuiteFile = Annotated[Path, AfterValidator(_beside_the_suite)]
"""A file named in a suite: relative to the suite's folder, and it must exist. A scorer is given the resolved path."""
