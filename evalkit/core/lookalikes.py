"""Full-width and typographic marks that a keyboard or a word processor puts where JSON and YAML want ASCII."""

from __future__ import annotations

_MARKS = {"“”„＂«»「」": '"', "‘’＇": "'", "：": ":", "，、": ",", "｛": "{", "｝": "}", "［": "[", "］": "]"}

LOOKALIKES = {mark: plain for marks, plain in _MARKS.items() for mark in marks}
"""Each with the mark that JSON and YAML read"""
