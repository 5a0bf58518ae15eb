"""What local inference needs installed."""

from __future__ import annotations

from importlib.util import find_spec

from evalkit.core.errors import MissingExtra

PACKAGES = ("torch", "transformers", "safetensors")


def need(*packages: str, purpose: str = "asking a local model") -> None:
    """Raise MissingExtra, naming the extra ``local``, for the first package that is not installed."""
    for package in packages or PACKAGES:
        if find_spec(package) is None:
            raise MissingExtra(package, "local", purpose)
