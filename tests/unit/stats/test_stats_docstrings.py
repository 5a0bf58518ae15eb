"""Examples in the docstrings of the statistics run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import evalkit.stats

MODULES = [module.name for module in pkgutil.iter_modules(evalkit.stats.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    module = importlib.import_module(f"evalkit.stats.{name}")
    failed, _ = doctest.testmod(module, extraglobs={"np": np})
    assert failed == 0
