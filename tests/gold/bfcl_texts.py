"""BFCL's own reading of text (bfcl-eval's decoder and its parsers), and texts for it to read."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import bfcl_items

NO_DECODER = (
    "BFCL's decoder needs its parsers: pip install --no-deps tree_sitter==0.21.3 tree_sitter_java==0.21.0 "
    "tree_sitter_javascript==0.21.4 requests"
)


def text_oracle() -> Callable[[str, str, list[Any], list[Any]], tuple[bool, str | None]] | None:
    """(text, category, functions, answers) -> BFCL's verdict on a prompted model's text: decoder, format, checker.

    None where the decoder's parsers are not installed.
    """
    checker = bfcl_items.oracle()
    try:
        from bfcl_eval.constants.enums import ReturnFormat
        from bfcl_eval.model_handler.utils import default_decode_ast_prompting
    except ImportError:
        return None

    def verdict(text, category, functions, answers):
        tongue = "python" if "relevance" in category else bfcl_items.language(category)
        try:
            decoded = default_decode_ast_prompting(text, ReturnFormat(tongue))
        except Exception:
            decoded = None
        calls = decoded if decoded is None or _well_formed(decoded) else []
        if "irrelevance" in category:
            return (False, "irrelevance_error:decoder_success") if calls else (True, None)
        if "relevance" in category:
            return (True, None) if calls else (False, "relevance_error:decoder_failed")
        if decoded is None:
            return False, "ast_decoder:decoder_failed"
        if not _well_formed(decoded):
            return False, "ast_decoder:decoder_wrong_output_format"
        found = checker(functions, calls, answers, category=category, language=tongue, underscores=False)
        return found["valid"], None if found["valid"] else found["error_type"]

    return verdict


def _well_formed(decoded: Any) -> bool:
    return isinstance(decoded, list) and all(
        isinstance(call, dict) and len(call) == 1 and isinstance(next(iter(call.values())), dict) for call in decoded
    )


def as_text(rng: random.Random, calls: list[Any]) -> str:
    """Calls as a prompted model writes them: in Python, often not quite, with words or fences around them."""
    written = [f"{name}({_keywords(rng, given)})" for call in calls for name, given in call.items()]
    body = rng.choice((", ", ", ", ",\n", "; ")).join(written) if rng.random() < 0.3 else ", ".join(written)
    if rng.random() < 0.05:
        body = body[: rng.randrange(len(body) + 1)]
    return rng.choice(_AROUND).replace("BODY", body)


def as_source(rng: random.Random, calls: list[Any], functions: list[Any], tongue: str) -> str:
    """Calls whose arguments are Java's or JavaScript's source, as a prompted model writes them."""
    written = []
    for call in calls:
        for name, given in call.items():
            properties = next((f["parameters"]["properties"] for f in functions if f["name"] == name), {})
            words = [f"{key}={_source(rng, v, properties.get(key, {}), tongue)}" for key, v in given.items()]
            written.append(f"{name}({', '.join(words)})")
    body = ", ".join(written)
    return f"[{body}]" if rng.random() < 0.8 else body


def _source(rng: random.Random, value: Any, described: dict[str, Any], tongue: str) -> str:
    if rng.random() < 0.05:
        return rng.choice(_SOURCES)
    text = value if isinstance(value, str) else str(value)
    bare = described.get("type") in ("String", "any", "char") and not text.startswith(('"', "'"))
    if bare and rng.random() < 0.85:
        quote = "'" if tongue == "javascript" and rng.random() < 0.5 else '"'
        return quote + text.replace(quote, "\\" + quote) + quote
    return text


_SOURCES = (
    "x", 'new Foo(a, "b")', "a.b(c)", "null", "None", "True", "[1, 2]", '{"k": 1}', "x -> x + 1", "1 + 2", "(String) x",
    '"a" + "b"', "this.x", "new int[3]", "undefined", "-1", "function(x) { return x; }", "(a, b) => a + b",
)  # fmt: skip


def _keywords(rng: random.Random, given: dict[str, Any]) -> str:
    words = [f"{name}={_python(rng, value)}" for name, value in given.items()]
    if rng.random() < 0.05:
        words.insert(0, rng.choice(_EXPRESSIONS))
    return ", ".join(words)


def _python(rng: random.Random, value: Any) -> str:
    if rng.random() < 0.06:
        return rng.choice(_EXPRESSIONS)
    if isinstance(value, list):
        inside = ", ".join(_python(rng, item) for item in value)
        return rng.choice((f"[{inside}]", f"[{inside}]", f"({inside},)" if value else "()"))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_python(rng, v)}" for k, v in value.items()) + "}"
    return rng.choice((repr(value), repr(value), json.dumps(value, ensure_ascii=False)))


_AROUND = (
    "[BODY]", "[BODY]", "[BODY]", "[BODY]", "BODY", "[BODY", "BODY]", "```python\n[BODY]\n```", "```[BODY]```",
    "`BODY`", " [BODY] \n", "'[BODY]'", "[BODY];", "Here you are: [BODY]", "[BODY]\nThat is all.", "[[BODY]]", "[]", "",
    "No.",
    "print(BODY)", "x = BODY", "[BODY, ...]", "# BODY", "[{}]", "[None]", '[{"name": "f", "arguments": {}}]', "[BODY,]",
)  # fmt: skip
_EXPRESSIONS = (
    "x", "x.y", "-x", "1+2", "5/100", "2**10", "3^2", "1<<2", "'a'+'b'", "'a'*3", "[1]*3", "[1]+[2]", "f'{x}'", "f(1)",
    "f(a=1)", "dict(a=1)", "[1,2][0]", "lambda: 1", "{1,2}", "(1, 2)", "()", "...", "None", "true", "null", "-1.5",
    "+1", "--1", "1e3", "10%", "1/0", "'%s' % 1", "{a: 1}", "{**x}", "[*x]", "not x", "x if y else z", "-(1+2)",
    "date(2024, 5, 1)", "10**100", "b'a'", "1j", "r'\\d'", "'it''s'", "東京", "１", "x[0]", "x[1:2]", "x == 1",
)  # fmt: skip
