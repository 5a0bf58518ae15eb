"""Floor 4: for users' own tests: does my scorer keep its promises, does my model, do my gates catch planted faults?"""

from __future__ import annotations

from evalkit.testing import faults as faults
from evalkit.testing.model import check_model as check_model
from evalkit.testing.promises import BrokenPromise as BrokenPromise
from evalkit.testing.scorer import check_scorer as check_scorer
from evalkit.testing.temporary import register_temporarily as register_temporarily
