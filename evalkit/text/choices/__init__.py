"""Which of the choices an answer names: by letter, by number, or by its text."""

from __future__ import annotations

from evalkit.text.choices.labels import find_shown_labels as find_shown_labels
from evalkit.text.choices.labels import letter_of as letter_of
from evalkit.text.choices.read import read_choice as read_choice
from evalkit.text.choices.read import read_choices as read_choices
