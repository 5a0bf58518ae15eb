"""Which language a text is written in, sentence by sentence."""

from __future__ import annotations

from evalkit.text.language.codes import CODES as CODES
from evalkit.text.language.codes import Code as Code
from evalkit.text.language.tell import LanguageReading as LanguageReading
from evalkit.text.language.tell import tell_languages as tell_languages
