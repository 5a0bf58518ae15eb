"""What `evalkit data check` costs: CPU seconds and memory against rows, near copies and tokens apart, drawn.

    python benchmarks/data_check.py > docs/benchmarks/data_check.md

Chat rows of about 300 characters, half English, half Japanese, drawn from a seed; every check reads every row.
"""

from __future__ import annotations

import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from line_chart import draw

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SEED = 20_261_201
WAYS = {
    "all checks but near copies and tokens": ("--skip", "near", "--skip", "tokens"),
    "near copies alone": ("--only", "near"),
    "tokens and cost alone": ("--only", "tokens", "--model", "openai:gpt-4o-mini"),
}
_ENGLISH = """order parcel refund address invoice delivery account password shipping customer window payment received
support broken screen return item colour size exchange manager store weekend morning please help cannot find website
login error code message number confirm cancel update request status late missing wrong damaged"""
_JAPANESE = """返品 送料 注文 お届け 確認 住所 変更 支払い 領収書 会員 登録 お問い合わせ 商品 在庫 配送 遅延 破損
交換 返金"""
_JOINED = "について をお願いします。 はいつですか。 ができません。 を教えてください。 の手続きは、 に関して と の"


def rows(count: int) -> Iterator[str]:
    dice = random.Random(SEED)
    words, nouns, joined = _ENGLISH.split(), _JAPANESE.split(), _JOINED.split()

    def japanese(length: int) -> str:
        return "".join(dice.choice(nouns) + dice.choice(joined) for _ in range(length // 6))[:length]

    def english(length: int) -> str:
        return " ".join(dice.choice(words) for _ in range(length // 5))[:length]

    for at in range(count):
        ask, system = (japanese, "お客様相談室の担当者として、丁寧に答えてください。") if at % 2 else (
            english, "You are a support agent. Answer politely and briefly."
        )  # fmt: skip
        turns = [("system", system), ("user", ask(105)), ("assistant", ask(150) + ("。" if at % 2 else "."))]
        messages = [{"role": role, "content": text} for role, text in turns]
        yield json.dumps({"messages": messages}, ensure_ascii=False) + "\n"


def measure(path: Path, words: tuple[str, ...]) -> tuple[float, float, int]:
    """CPU seconds, seconds and the most memory in MB of one command in a process of its own."""
    command = [sys.executable, "-m", "evalkit", "data", "check", str(path), "--format", "openai-chat", *words]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - begin, usage.ru_maxrss // 1024


def main() -> None:
    sizes = [size for size in SIZES if size <= int(sys.argv[1])] if len(sys.argv) > 1 else list(SIZES)
    lines: dict[str, list[tuple[float, float]]] = {}
    table: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        for size in sizes:
            with path.open("w", encoding="utf-8") as out:
                out.writelines(rows(size))
            for name, words in WAYS.items():
                cpu, wall, memory = measure(path, words)
                lines.setdefault(name, []).append((size, cpu))
                table.append(f"| {name} | {size:,} | {cpu:.1f} s | {wall:.1f} s | {memory:,} MB |")
                print(table[-1], file=sys.stderr, flush=True)
    draw(
        Path(__file__).parents[1] / "docs" / "benchmarks" / "data_check.svg",
        lines, title="evalkit data check: CPU seconds", x="rows", y="seconds",
    )  # fmt: skip
    print(PAGE.format(python=platform.python_version(), machine=platform.machine(), table="\n".join(table)))


PAGE = """\
# What a check of a data set costs

Measured by `python benchmarks/data_check.py` (Python {python}, {machine}, one process): chat rows of about 300
characters, half of them Japanese. The 2 cores were shared with other work, so that a command got a fifth to a half of
one: read the CPU column. Every check looks at every row; languages of the Latin script alone are told apart in a sample
of 2,000.

| what | rows | CPU | wall | memory |
|---|---|---|---|---|
{table}

![CPU seconds against rows, both axes logarithmic](data_check.svg)

Rows are read twice and never kept: digests, lengths and values take 90 bytes a row, signatures of near copies 192."""

if __name__ == "__main__":
    main()
