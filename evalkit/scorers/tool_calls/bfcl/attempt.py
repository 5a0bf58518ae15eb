"""A response as an attempt, read as `bfcl_compat` has always read it: five dialects of text, frozen.

What is read here decides which of BFCL's decoders sees a text, so nothing may be added: strict mode reads by
`evalkit.reading.calls`.
"""

from __future__ import annotations

from collections.abc import Collection

from evalkit.core.exchange import Response
from evalkit.scorers.tool_calls.arguments import read_call
from evalkit.scorers.tool_calls.assemble import make_attempt, read_native
from evalkit.scorers.tool_calls.bfcl.dialects import READERS, read_text
from evalkit.scorers.tool_calls.nouns import Attempt
from evalkit.text.refusals import refuses

NATIVE = "native"


def read_attempt(response: Response, names: Collection[str], *, dialects: Collection[str] = tuple(READERS)) -> Attempt:
    """Read native calls where there are any, else the text in the dialects allowed.

    A call that cannot be read (no JSON, truncated, double-encoded, no name) is a malformed attempt: it is never an
    abstention. Where at least one call can be read the decision is "call", and the broken ones count against it.
    """
    text = response.text or ""
    if response.tool_calls:
        calls = tuple(read_native(call) for call in response.tool_calls)
        return make_attempt(calls, (), dialect=NATIVE, text=text)
    found = read_text(text, names, dialects=dialects) if text else None
    if found is not None:
        dialect, pieces = found
        return make_attempt(
            tuple(read_call(n, raw) for n, raw in pieces.calls), pieces.broken, dialect=dialect, text=text
        )
    if response.finish in ("tool_calls", "function_call") and not text:
        return Attempt(decision="malformed", broken=("finished with tool_calls, but holds none",), dialect=NATIVE)
    refused = response.refusal is not None or response.finish == "content_filter" or refuses(text)
    return Attempt(decision="refusal" if refused else "abstain", text=text or response.refusal or "")
