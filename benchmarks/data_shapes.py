"""Real shapes of training files, each checked, split and converted to every format.

python -m benchmarks.data_shapes   (writes docs/benchmarks/data_shapes.md)

The rows are written here anew, from the documents of the formats; Hugging Face files by `datasets` itself where it is
installed.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from evalkit.core.errors import EvalkitError
from evalkit.data.conversion.convert_file import FORMATS_WRITTEN as WRITERS
from evalkit.data.conversion.convert_file import convert_file
from evalkit.data.guess import guess_format
from evalkit.data.read import read_examples
from evalkit.data.splitting.facts import SplitWishes
from evalkit.data.splitting.shares import read_shares
from evalkit.data.splitting.split_file import split_file

PAGE = Path(__file__).parents[1] / "docs/benchmarks/data_shapes.md"
ROWS = 12
TOPICS = (
    "a parcel from Osaka", "送料の負担", "my broken blue lamp", "領収書の宛名", "the return window", "退会の手続き",
    "two invoices for March", "ポイントの期限", "a discount code", "配送先の変更", "the warranty of a kettle", "定期便",
)  # fmt: skip
TOOL = {"name": "find_order", "description": "Find an order", "parameters": {"type": "object", "properties": {}}}
WRAPPED = [{"type": "function", "function": TOOL}]
Make = Callable[[int], dict[str, Any]]


def ask(n: int) -> str:
    return f"What can you tell me about {TOPICS[n]}?" if n % 2 == 0 else f"{TOPICS[n]}について教えてください。"


def answer(n: int) -> str:
    return f"Here is what we know: case {n}." if n % 2 == 0 else f"{n}番の件、承知しました。"


def turn(role: str, text: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": text, **more}


def call(n: int, *, text: bool = True) -> dict[str, Any]:
    arguments: Any = json.dumps({"id": n}) if text else {"id": n}
    return {"id": f"call_{n}", "type": "function", "function": {"name": "find_order", "arguments": arguments}}


def chat(n: int) -> list[dict[str, Any]]:
    return [turn("user", ask(n)), turn("assistant", answer(n))]


def said(n: int) -> list[dict[str, Any]]:
    return [{"from": "human", "value": ask(n)}, {"from": "gpt", "value": answer(n)}]


def multi(n: int) -> list[dict[str, Any]]:
    return [*chat(n), turn("user", "And then?"), turn("assistant", f"Then {n}.")]


def shapes() -> Iterator[tuple[str, str, str, Make]]:
    """(tool, shape, name of the file, the row of a number)."""
    yield "OpenAI", "chat with a system message", "c.jsonl", lambda n: {"messages": [turn("system", "s"), *chat(n)]}
    yield (
        "OpenAI",
        "chat of several turns, weights",
        "c.jsonl",
        lambda n: {"messages": [turn("user", ask(n)), turn("assistant", "x", weight=0), *multi(n)[2:]]},
    )
    yield (
        "OpenAI",
        "tool calls, parallel_tool_calls",
        "c.jsonl",
        lambda n: {
            "messages": [turn("user", ask(n)), {"role": "assistant", "tool_calls": [call(n)]}],
            "tools": WRAPPED,
            "parallel_tool_calls": False,
        },
    )
    yield (
        "OpenAI",
        "functions, function_call (deprecated)",
        "c.jsonl",
        lambda n: {
            "messages": [turn("user", ask(n)), {"role": "assistant", "function_call": call(n)["function"]}],
            "functions": [TOOL],
        },
    )
    yield (
        "OpenAI",
        "images in a question",
        "c.jsonl",
        lambda n: {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": ask(n)}, image(n)]},
                turn("assistant", answer(n)),
            ]
        },
    )
    yield "OpenAI", "legacy prompt and completion", "c.jsonl", lambda n: {
        "prompt": f"{ask(n)}\n\n###\n\n", "completion": f" {answer(n)} END",
    }  # fmt: skip
    yield "OpenAI", "preferences (preferred_output)", "c.jsonl", lambda n: {
        "input": {"messages": chat(n)[:1], "tools": [], "parallel_tool_calls": True},
        "preferred_output": chat(n)[1:], "non_preferred_output": [turn("assistant", "No.")],
    }  # fmt: skip
    yield "OpenAI", "preferences (preferred_completion)", "c.jsonl", lambda n: {
        "input": {"messages": chat(n)[:1]},
        "preferred_completion": chat(n)[1:], "non_preferred_completion": [turn("assistant", "No.")],
    }  # fmt: skip
    yield "OpenAI", "reinforcement", "c.jsonl", lambda n: {"messages": chat(n)[:1], "reference_answer": answer(n)}
    yield "OpenAI Evals", "input as turns, ideal", "c.jsonl", lambda n: {"input": chat(n)[:1], "ideal": answer(n)}
    yield "OpenAI Evals", "item", "c.jsonl", lambda n: {"item": {"question": ask(n), "answer": answer(n)}}
    yield "Azure OpenAI", "chat with a byte order mark", "bom.jsonl", lambda n: {"messages": chat(n)}
    yield "Azure Foundry", "evaluation rows", "c.jsonl", lambda n: {
        "query": ask(n), "response": "x", "context": "c", "ground_truth": answer(n),
    }  # fmt: skip
    yield "TRL", "messages", "c.jsonl", lambda n: {"messages": multi(n)}
    yield "TRL", "prompt and completion, texts", "c.jsonl", lambda n: {"prompt": ask(n), "completion": answer(n)}
    yield "TRL", "prompt and completion, turns", "c.jsonl", lambda n: {"prompt": chat(n)[:1], "completion": chat(n)[1:]}
    yield "TRL", "prompt only (GRPO)", "c.jsonl", lambda n: {"prompt": chat(n)[:1], "solution": answer(n)}
    yield "TRL", "preference, texts", "c.jsonl", lambda n: {"prompt": ask(n), "chosen": answer(n), "rejected": "No."}
    yield "TRL", "preference, implicit prompt", "c.jsonl", lambda n: {
        "chosen": chat(n), "rejected": [chat(n)[0], turn("assistant", "No.")],
    }  # fmt: skip
    yield "TRL", "KTO", "c.jsonl", lambda n: {"prompt": chat(n)[:1], "completion": chat(n)[1:], "label": n % 3 > 0}
    yield (
        "TRL",
        "tools, arguments as objects",
        "c.jsonl",
        lambda n: {
            "messages": [turn("user", ask(n)), {"role": "assistant", "tool_calls": [call(n, text=False)]}],
            "tools": WRAPPED,
        },
    )
    yield (
        "TRL",
        "reasoning (thinking)",
        "c.jsonl",
        lambda n: {"messages": [turn("user", ask(n)), turn("assistant", answer(n), thinking="hm")]},
    )
    yield "TRL", "images beside the turns", "c.jsonl", lambda n: {"messages": chat(n), "images": [f"{n}.png"]}
    yield "TRL", "plain text", "c.jsonl", lambda n: {"text": f"{ask(n)} {answer(n)}"}
    yield "ShareGPT", "conversations", "c.json", lambda n: {"conversations": said(n)}
    yield "LLaMA-Factory v0", "sharegpt with tools", "c.json", lambda n: {
        "conversations": [
            said(n)[0], {"from": "function_call", "value": json.dumps({"name": "find_order", "arguments": {"id": n}})},
            {"from": "observation", "value": "{}"}, said(n)[1],
        ],
        "system": "s", "tools": json.dumps([TOOL]),
    }  # fmt: skip
    yield "LLaMA-Factory v0", "sharegpt pairs", "c.json", lambda n: {
        "conversations": said(n)[:1], "chosen": said(n)[1], "rejected": {"from": "gpt", "value": "No."},
    }  # fmt: skip
    yield "LLaMA-Factory v0", "sharegpt KTO", "c.json", lambda n: {"conversations": said(n), "kto_tag": n % 3 > 0}
    yield "LLaMA-Factory v0", "alpaca with history", "c.json", lambda n: {
        "instruction": ask(n), "input": "", "output": answer(n), "system": "s", "history": [["Hello", "Hi"]],
    }  # fmt: skip
    yield "LLaMA-Factory v0", "alpaca pairs", "c.json", lambda n: {
        "instruction": ask(n), "input": "", "chosen": answer(n), "rejected": "No.",
    }  # fmt: skip
    yield "LLaMA-Factory v1", "messages of parts, loss_weight", "c.jsonl", lambda n: {"messages": parts(n)}
    yield "LLaMA-Factory v1", "pairs", "c.jsonl", lambda n: {
        "chosen_messages": parts(n), "rejected_messages": [parts(n)[0], part("assistant", "No.")],
    }  # fmt: skip
    yield (
        "Axolotl",
        "train flags of turns",
        "c.jsonl",
        lambda n: {
            "conversations": [said(n)[0], {**said(n)[1], "train": False}, {"from": "human", "value": "?"}, said(n)[1]]
        },
    )
    yield (
        "Axolotl",
        "segments (input_output)",
        "c.jsonl",
        lambda n: {"segments": [{"label": False, "text": ask(n)}, {"label": True, "text": answer(n)}]},
    )
    yield "Alpaca", "instruction, input, output", "c.json", lambda n: {
        "instruction": "Answer.", "input": ask(n), "output": answer(n),
    }  # fmt: skip
    yield "Dolly", "instruction, context, response", "c.jsonl", lambda n: {
        "instruction": ask(n), "context": "", "response": answer(n), "category": "open_qa",
    }  # fmt: skip
    yield "ms-swift", "query and response", "c.jsonl", lambda n: {"query": ask(n), "response": answer(n)}
    yield "Excel, pandas", "CSV with text and label", "c.csv", lambda n: {"text": ask(n), "label": "ab"[n % 2]}
    yield "Excel", "CSV in Shift_JIS", "sjis.csv", lambda n: {"input": ask(n), "target": answer(n)}
    yield "Excel", "workbook", "c.xlsx", lambda n: {"input": ask(n), "target": answer(n)}
    yield "datasets", "to_parquet", "c.parquet", lambda n: {"messages": chat(n)}
    yield "datasets", "save_to_disk", "saved", lambda n: {"prompt": ask(n), "completion": answer(n)}
    yield "datasets", "to_json", "hf.jsonl", lambda n: {"instruction": ask(n), "input": "", "output": answer(n)}
    yield "any", "JSON lines in zstd", "c.jsonl.zst", lambda n: {"messages": chat(n)}
    yield "any", "JSON lines in gzip", "c.jsonl.gz", lambda n: {"messages": chat(n)}
    yield "any", "printed over several lines", "pretty.jsonl", lambda n: {"messages": chat(n)}
    yield "pandas", "to_json()", "pandas.json", lambda n: {"instruction": ask(n), "output": answer(n)}
    yield "Git LFS", "pointer", "lfs.parquet", lambda n: {}


def image(n: int) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"https://example.com/{n}.png"}}


def part(role: str, text: str) -> dict[str, Any]:
    weight = {"loss_weight": 1.0} if role == "assistant" else {}
    return {"role": role, "content": [{"type": "text", "value": text}], **weight}


def parts(n: int) -> list[dict[str, Any]]:
    return [part("user", ask(n)), part("assistant", answer(n))]


def write(folder: Path, name: str, make: Make) -> Path:
    """A file of the shape, as its tool writes it."""
    path, rows = folder / name, [make(n) for n in range(ROWS)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    plain = {
        "bom.jsonl": b"\xef\xbb\xbf" + lines,
        "c.jsonl.gz": gzip.compress(lines),
        "pretty.jsonl": "\n".join(json.dumps(row, indent=2) for row in rows).encode(),
        "c.json": json.dumps(rows, ensure_ascii=False, indent=1).encode(),
        "lfs.parquet": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        "pandas.json": json.dumps({key: {str(n): row[key] for n, row in enumerate(rows)} for key in rows[0]}).encode(),
    }
    if name in plain:
        path.write_bytes(plain[name])
    elif name.endswith(".csv"):
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, [*rows[0]])
        table.writeheader()
        table.writerows(rows)
        path.write_bytes(text.getvalue().encode("cp932" if name.startswith("sjis") else "utf-8-sig"))
    elif name.endswith(".zst"):
        import zstandard

        path.write_bytes(zstandard.compress(lines))
    elif name.endswith(".xlsx"):
        import openpyxl

        book = openpyxl.Workbook()
        for row in ([*rows[0]], *([*one.values()] for one in rows)):
            book.active.append(row)
        book.save(path)
    elif name in ("c.parquet", "saved", "hf.jsonl"):
        _by_datasets(path, rows)
    else:
        path.write_bytes(lines)
    return path


def _by_datasets(path: Path, rows: list[dict[str, Any]]) -> None:
    import datasets

    made = datasets.Dataset.from_list(rows)
    if path.name == "saved":
        made.save_to_disk(str(path))
    elif path.suffix == ".parquet":
        made.to_parquet(str(path))
    else:
        made.to_json(str(path), force_ascii=False)


def attempt(what: Callable[[], object]) -> tuple[bool, str]:
    """Whether it works, else the first sentence of why not."""
    try:
        return True, str(what())
    except EvalkitError as error:
        return False, error.problems[0].what


def measure(folder: Path) -> Iterator[str]:
    """A line of the table a shape."""
    for number, (tool, shape, name, make) in enumerate(shapes()):
        own = folder / str(number)
        own.mkdir()
        path = write(own, name, make)
        encoding = "cp932" if name.startswith("sjis") else None
        try:
            guess = guess_format(path, encoding=encoding)
            read = read_examples(path, format=guess.format, columns=guess.columns, encoding=encoding)
        except EvalkitError as error:
            yield f"| {tool} | {shape} | - | refused: {error.problems[0].what} | | | |".replace(f"{own}/", "")
            continue
        targets = sum(one.target is not None for one in read)
        out = own / "parts"
        wishes, shares = SplitWishes(), read_shares(["8:2"])
        deal = partial(split_file, path, guess, shares=shares, output=out, wishes=wishes, encoding=encoding)
        done, why = attempt(deal)
        kinds = "".join(sorted({file.suffix for file in out.iterdir()} - {".json"} or {".json"})) if done else why
        held, lost = [], []
        for to in WRITERS:
            target = own / f"out.{'csv' if to == 'csv' else 'jsonl'}"
            ok, why = attempt(partial(convert_file, path, guess, to=to, output=target, encoding=encoding))
            held += [to] if ok else []
            lost += [] if ok else [f"{to} ({why.split(': ')[1]})"]
        columns = " " + ", ".join(f"{key}={value}" for key, value in guess.columns.items()) if guess.columns else ""
        yield (
            f"| {tool} | {shape} | `{guess.format}`{columns} | {len(read)} rows, {targets} with a target | {kinds} | "
            f"{', '.join(held)} | {'; '.join(lost) or '-'} |"
        )


HEAD = f"""# Real shapes of training files

`python -m benchmarks.data_shapes` writes {ROWS} rows of every shape, from the documents of its format (those of
`datasets` by `datasets` itself), and has them read without a word on their format, split 8:2, and converted to every
format. A file that is refused is refused with the sentence shown; a conversion that would lose something names what.

| tool | shape | read as | check | parts | converts to | refused, with what |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = [line.replace("\n", " ") for line in measure(Path(folder))]
    PAGE.write_text(HEAD + "\n".join(lines) + f"\n\n{len(lines)} shapes.\n", encoding="utf-8")
    print(f"{PAGE}: {len(lines)} shapes")


if __name__ == "__main__":
    main()
