"""Suites made ready: found, read, rendered, checked."""
