"""One gate as a test item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit.core.verdict import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCase:
    """One pytest item: which findings of the suite it answers for.

    None matches every metric, tag or value.
    """

    name: str
    gate_index: int
    metric: str | None = None
    by: str | None = None
    value: str | None = None
    line: int | None = None

    def owns(self, finding: Finding) -> bool:
        """Tell whether the finding belongs to this item."""
        cut = finding.slice
        return (
            finding.gate_index == self.gate_index
            and self.metric in (None, finding.metric)
            and (self.by is None or cut is None or cut.by == self.by)
            and (self.value is None or cut is None or cut.value == self.value)
        )
