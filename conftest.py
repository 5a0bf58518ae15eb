"""Suites are tests here, too: `pytest suites/`."""

pytest_plugins = ["evalkit.pytest_plugin"]
