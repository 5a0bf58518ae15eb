"""One response as what it says: its thought apart, its answer, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalkit.core.exchange import Failure, Response
from evalkit.reading.calls import first_marked_call
from evalkit.reading.ending import ending_of, is_broken
from evalkit.reading.thoughts import ThoughtSplit, may_think, split_thoughts

_WITHHELD = "the server's content filter withheld the answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a suite reads answers.

    `marks`: (opening, closing) marks of thoughts beside the known ones.

    `keep`: texts are scored as they were written. `filtered_refuses`: what a filter stopped counts as a refusal.
    """

    keep: bool = False
    marks: tuple[tuple[str, str], ...] = ()
    filtered_refuses: bool = False


def mark_pair(mark: str | Sequence[str]) -> tuple[str, str]:
    """Return the marks that a suite means by a tag's name, or writes out.

    >>> mark_pair("scratchpad"), mark_pair(["[[", "]]"])
    (('<scratchpad>', '</scratchpad>'), ('[[', ']]'))
    """
    if isinstance(mark, str):
        name = mark.strip("<>/ ")
        return f"<{name}>", f"</{name}>"
    return mark[0], mark[1]


def read_response(response: Response, how: Reading = Reading()) -> Response:
    """Read the response as scorers see it.

    Pure and idempotent: what was read already is returned as it is.

    >>> read = read_response(Response(example_id="x", text="<think>hm</think>yes", finish="stop"))
    >>> read.text, read.thought, read.ended
    ('yes', 'hm', 'normal')
    """
    if response.failure is not None:
        return _withhold(response) if how.filtered_refuses and response.failure.kind == "content_filter" else response
    if is_broken(response):
        failure = Failure(kind="server", message=f"the answer broke off in the server ({response.finish})")
        return Response(
            example_id=response.example_id,
            repeat=response.repeat,
            failure=failure,
            prompt_sha256=response.prompt_sha256,
            suite=response.suite,
        )
    text = response.text
    split = _split(text, how) if text and not how.keep else None
    if split is None or not split.taken:
        ended = response.ended or ending_of(response)
        read = response if ended == response.ended else replace(response, ended=ended)
    else:
        thought = "\n".join(part for part in (response.thought, split.thought) if part)
        bare = replace(response, text=split.answer, thought=thought or None, taken=(*response.taken, *split.taken))
        known = response.ended if response.ended != "normal" else None
        read = replace(bare, ended=known or ending_of(bare, open_thought=split.open))
    return _as_refusal(read) if how.filtered_refuses and read.ended == "filtered" else read


def strip_thoughts(response: Response) -> str | None:
    """Return the text of a response without its thoughts.

    None where it has none. One that was read already is as it is.

    The pipeline reads every response before it is scored; whoever calls a scorer on one of their own need not.
    """
    return response.text if response.ended is not None or response.text is None else answer_of(response.text)


def answer_of(text: str | None, how: Reading = Reading()) -> str:
    """Return the answer of a text alone, without its thoughts; "" for None."""
    if not text or how.keep:
        return text or ""
    return text if not how.marks and "<" not in text and not may_think(text) else _split(text, how).answer


def _split(text: str, how: Reading) -> ThoughtSplit:
    """As `split_thoughts`; a call behind marks in a thought that nothing closes ends the thought: it was made."""
    split = split_thoughts(text, own=how.marks)
    if not split.open or not split.thoughts:
        return split
    last = split.thoughts[-1]
    at = first_marked_call(last)
    if at is None:
        return split
    thought, call = last[:at].rstrip(), last[at:]
    thoughts = (*split.thoughts[:-1], *([thought] if thought else []))
    answer = "\n".join(part for part in (split.answer, call) if part)
    return ThoughtSplit(answer=answer, thoughts=thoughts, open=False, taken=split.taken)


def _withhold(response: Response) -> Response:
    return replace(response, failure=None, refusal=_WITHHELD, finish="content_filter", ended="filtered")


def _as_refusal(response: Response) -> Response:
    """A filtered answer as a refusal; what was written of it stays to be seen."""
    return (
        response if response.refusal is not None else replace(response, refusal=response.text or _WITHHELD, text=None)
    )
