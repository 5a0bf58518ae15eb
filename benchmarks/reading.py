"""What reading costs: thought, ending and calls of many answers, most without marks; and hostile texts of 5 MB.

    python benchmarks/reading.py [ANSWERS]

Seconds of CPU on one core. Tests assert no times; the budget: 100,000 answers of 500 characters, 95 % without
marks, in at most 5 s.
"""

from __future__ import annotations

import random
import sys
import time

from evalkit.core.exchange import Response
from evalkit.reading.calls import read_calls
from evalkit.reading.response import read_response

TOOLS = {
    "get_weather": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
    "get_time": {"type": "object", "properties": {"tz": {"type": "string"}}},
}
TEXT = (
    "The order (number 12) was sent on Monday, and it will arrive [see note] in three days. I think it is fine: "
    "返品は三十日以内にお願いします。 Please call us if it does not arrive; the function of this mail is to inform."
)
WORDS = TEXT.split(" ")
MARKED = (
    "<think>\n{0}\n</think>\n\n{1}",
    "{0}</think>\n{1}",
    '<tool_call>\n{{"name": "get_weather", "arguments": {{"city": "Tokyo", "days": 3}}}}\n</tool_call> {0}',
    "<function=get_weather>\n<parameter=city>\nTokyo\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function> {0}",
    "```python\n[get_weather(city='Tokyo', days=3)]\n```\n{0}",
)
HOSTILE = (
    "<think>", "</think>", "<tool_call>", "<tool_call>{", '{"name":', "[" * 64, "get_weather(", "<function=f>", "```\n",
    "<|channel|>", "Action: f\n", "<parameter=a>", "<arg_key>a</arg_key>", "[TOOL_CALLS]f{", "\\_(",
    '<invoke name="f">',     "<｜tool▁call▁begin｜>", "call:f{a:[", "'a': ",
)  # fmt: skip


def answers(count: int) -> list[Response]:
    """Answers of 500 characters; one in twenty holds marks."""
    rng = random.Random(0)
    found = []
    for number in range(count):
        text = " ".join(rng.choices(WORDS, k=120))[:500]
        if number % 20 == 0:
            text = rng.choice(MARKED).format(text[:200], text[200:400])
        found.append(Response(example_id=str(number), text=text, finish="stop"))
    return found


def cpu_of(responses: list[Response]) -> float:
    """Seconds of CPU to read all of them: thought, ending, calls."""
    start = time.process_time()
    for response in responses:
        read = read_response(response)
        read_calls(read.text or "", TOOLS)
    return time.process_time() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    responses = answers(count)
    print(f"{count:,} answers of 500 characters, 5 % with marks: {cpu_of(responses):.2f} s CPU")
    for piece in HOSTILE:
        sizes = [2_500_000, 5_000_000]
        taken = [cpu_of([Response(example_id="x", text=piece * (size // len(piece)))]) for size in sizes]
        print(f"{piece[:24]!r} repeated to 2.5 and 5 MB: {taken[0]:.2f} s, {taken[1]:.2f} s")


if __name__ == "__main__":
    main()
