"""Token ids as text: what the template itself adds is dropped, marks of calls and thoughts stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from evalkit.reading.tokens import marks_among


def decoder(tokenizer: Any) -> Callable[[Sequence[int]], str]:
    """Return how answers of this tokenizer are decoded.

    `skip_special_tokens` would take `[TOOL_CALLS]`, `<|python_tag|>` or `<|channel|>` out of a call; a tokenizer that
    has no such special token is decoded that way.
    """
    special = {str(tokenizer.convert_ids_to_tokens(number)): int(number) for number in tokenizer.all_special_ids}
    added = getattr(tokenizer, "added_tokens_decoder", {})
    special |= {str(token): int(number) for number, token in added.items() if getattr(token, "special", False)}
    marks = marks_among(special)
    if not marks:
        return lambda ids: str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))
    dropped = frozenset(number for token, number in special.items() if token not in marks)

    def decode(ids: Sequence[int]) -> str:
        kept = [number for number in ids if number not in dropped]
        text = tokenizer.decode(
            kept, skip_special_tokens=False, clean_up_tokenization_spaces=False, spaces_between_special_tokens=False
        )
        return str(text)

    return decode
