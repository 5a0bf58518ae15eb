"""Floor 2: one file per family of scorer; each turns one response into numbers, purely.

>>> from evalkit.core.exchange import Example, Message, Response
>>> from evalkit.scorers.exact import Exact
>>> example = Example(id="a", messages=(Message(role="user", content="2 + 2?"),), target="4")
>>> Exact().score(example, Response(example_id="a", text="4")).value
1.0
"""

from __future__ import annotations

from evalkit.scorers.build import build_scorer as build_scorer
from evalkit.scorers.table import SCORERS as SCORERS
from evalkit.scorers.table import TABLE as TABLE
