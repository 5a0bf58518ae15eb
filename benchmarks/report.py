"""The report page, weighed and timed: `python benchmarks/report.py [CASES ...]`.

Texts are sentences drawn from a fixed vocabulary with a seed, at least 500 characters, so that they pack like real text
and not like a repeated one; 60 % of the candidate's answers are the base's. Weight: the page beside gzip -6 of all
distinct inputs, targets and answers. Times: in a real browser, of a page opened from a file.
"""

from __future__ import annotations

import datetime as dt
import gzip
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.exchange import Example, Message, ModelIdentity, Response
from evalkit.core.verdict import Score, SuiteVerdict, Verdict
from evalkit.gates.decide import decide, estimates, outcome
from evalkit.report import html
from evalkit.suite.spec import SuiteSpec

SPEC = SuiteSpec.model_validate(
    {
        "evalkit": 1,
        "name": "weighed",
        "dataset": {"path": "x.jsonl"},
        "scorers": {"answer": {"type": "exact"}, "polite": {"type": "exact"}, "length": {"type": "exact"}},
        "slices": [{"by": "intent", "min_n": 10}, {"by": "shop", "min_n": 10}],
        "gates": [{"type": "no_regression", "metric": "answer", "margin": 0.05}],
    }
)
WORDS = 6_000
"""Of the vocabulary: about what a support desk uses"""


def vocabulary(dice: random.Random) -> list[str]:
    """Make words of syllables, Zipf's law in their use."""
    syllables = [a + b for a in "bcdfghjklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "in", "ou", "ast")]
    return ["".join(dice.choices(syllables, k=dice.randint(1, 4))) for _ in range(WORDS)]


def text(dice: random.Random, words: list[str], weights: list[float], least: int) -> str:
    """Write sentences until there are at least so many characters."""
    said: list[str] = []
    size = 0
    while size < least:
        sentence = " ".join(dice.choices(words, cum_weights=weights, k=dice.randint(6, 18))).capitalize() + "."
        said.append(sentence)
        size += len(sentence) + 1
    return " ".join(said)


def world(n: int, *, seed: int = 1) -> tuple[Verdict, Comparison]:
    """Make a comparison of n cases with texts of 500 characters and more."""
    dice = random.Random(seed)
    words = vocabulary(dice)
    weights = np.cumsum(1.0 / np.arange(1, WORDS + 1)).tolist()
    examples: list[Example] = []
    arms: tuple[dict[str, tuple[Response, ...]], ...] = ({}, {})
    for at in range(n):
        key = f"case-{at:06}"
        tags = {"intent": f"intent-{at % 20}", "shop": f"shop-{at // 7 % 20}"}
        asked, wanted, said = (text(dice, words, weights, 500) for _ in range(3))
        other = text(dice, words, weights, 500) if dice.random() < 0.4 else said
        examples.append(Example(id=key, messages=(Message(role="user", content=asked),), target=wanted, tags=tags))
        for arm, answer in zip(arms, (said, other), strict=True):
            arm[key] = (Response(example_id=key, text=answer),)
    rng = np.random.default_rng(seed)
    values = {name: [(rng.random(n) < 0.8).astype(float) for _ in range(2)] for name in SPEC.scorers}
    scores = [
        {
            name: {
                one.id: (Score(example_id=one.id, scorer=name, version="1", value=float(values[name][arm][at])),)
                for at, one in enumerate(examples)
            }
            for name in SPEC.scorers
        }
        for arm in range(2)
    ]
    no = np.zeros((n, 1), dtype=bool)
    sides = {
        name: [Column(raw=one[:, None], scored=~no, failed=no, errors=no) for one in both]
        for name, both in values.items()
    }
    columns = {name: PairedColumn(metric=name, base=base, candidate=other) for name, (base, other) in sides.items()}
    model = ModelIdentity(name="base", provider="openai", model="m", fingerprint="a" * 64)
    compared = Comparison(
        suite="weighed",
        base=model,
        candidate=model,
        examples=tuple(examples),
        clusters=tuple(one.unit for one in examples),
        columns=columns,
        levels={name: [one.tags[name] for one in examples] for name in ("intent", "shop")},
        coverage=Coverage(examples=n, asked=n),
        base_responses=arms[0],
        candidate_responses=arms[1],
        base_scores=scores[0],
        candidate_scores=scores[1],
        manifest={"spec": SPEC.model_dump(mode="json")},
    )
    findings = decide(compared, SPEC, today=dt.date(2026, 12, 1))
    suite = SuiteVerdict(
        name="weighed",
        outcome=outcome(findings, SPEC.policy),
        findings=findings,
        metrics=estimates(compared, SPEC),
        examples=n,
    )
    return Verdict(version="0", outcome=suite.outcome, base="base", candidate="tuned", suites=(suite,)), compared


def distinct(compared: Comparison) -> int:
    """Return the bytes of gzip -6 over every distinct input, target and answer."""
    told = dict.fromkeys(
        said
        for one in compared.examples
        for said in (
            str(one.messages[0].content),
            str(one.target),
            compared.base_responses[one.id][0].text or "",
            compared.candidate_responses[one.id][0].text or "",
        )
    )
    return len(gzip.compress("\n".join(told).encode(), 6))


def timed(page: Any, script: str) -> float:
    """Run a script in the page that does something and waits; milliseconds."""
    began = time.perf_counter()
    page.evaluate(script)
    return (time.perf_counter() - began) * 1000


WAIT = "await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));"
FACET = """async () => {
  const pick = document.querySelector('.picks [name="tag.intent"]');
  pick.value = 'intent-3';
  pick.dispatchEvent(new Event('change', {bubbles: true}));
  WAIT
}""".replace("WAIT", WAIT)
CLEAR = FACET.replace("'intent-3'", "pick.options[0].value")
STEP = """async () => {
  document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', bubbles: true}));
  WAIT
}""".replace("WAIT", WAIT)
SEARCH = """async (words) => {
  const input = document.querySelector('.filters input'), began = performance.now();
  let first = 0, last = began, busy = 0;
  input.value = words; input.dispatchEvent(new Event('input', {bubbles: true}));
  for (;;) {
    await new Promise((done) => setTimeout(done));
    const now = performance.now(), panel = document.querySelector('.tabs .all b').textContent;
    busy = Math.max(busy, now - last);
    last = now;
    if (!first && Number(panel) > 0 && Number(panel) < %d) first = now - began;
    if (document.documentElement.dataset.searched === 'true') return [first, now - began, busy];
  }
}"""
WORDS_SOUGHT = ("lastan", "/(ban|cer)[a-z]+ou\\b/")
ROUNDS = 5


def measure(n: int) -> None:
    """Weigh and time the page of n cases, and print a line of the table."""
    verdict, compared = world(n)
    began = time.process_time()
    written = html(verdict, [compared])
    cpu = time.process_time() - began
    size, yard = len(written.encode()), distinct(compared)
    line = f"| {n:,} | {size / 1e6:.1f} MB | {(size - 300_000) / yard:.2f} | {cpu:.1f} s |"
    chromium = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    if chromium is not None:
        line += _browse(written, chromium, n)
    print(line, flush=True)


def _browse(written: str, chromium: str, n: int) -> str:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        path = Path(folder) / "index.html"
        path.write_text(written, encoding="utf-8")
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = _open(opened, path)
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
        ready = page.evaluate("performance.now()")
        nodes = page.evaluate("document.querySelectorAll('*').length")
        facet = min(timed(page, script) for script in (FACET, CLEAR, FACET, CLEAR))
        step = sorted(timed(page, STEP) for _ in range(9))[4]
        page.close()
        sought = [_sought(opened, path, words, n) for words in WORDS_SOUGHT]
        opened.close()
    told = [f"{nodes:,}", f"{paint:.0f}", f"{ready:.0f}", f"{facet:.0f}", f"{step:.0f}", *sought]
    return " " + " | ".join(told) + " |"


def _sought(browser: Any, path: Path, words: str, n: int) -> str:
    """First and all hits of a search in a fresh page, all hits of the same again there, the longest the page was busy.

    Medians of several pages, ms.
    """
    rounds = []
    for _ in range(ROUNDS):
        page = _open(browser, path)
        first, whole, busy = page.evaluate(SEARCH % n, words)
        page.evaluate(SEARCH % n, "")
        _, again, busy_again = page.evaluate(SEARCH % n, words)
        rounds.append((first, whole, again, max(busy, busy_again)))
        page.close()
    return " / ".join(f"{statistics.median(times):.0f}" for times in zip(*rounds, strict=True))


def _open(browser: Any, path: Path) -> Any:
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready=true]", state="attached", timeout=120_000)
    return page


if __name__ == "__main__":
    heads = (
        "cases", "page", "(page - 300 kB) / gzip -6", "CPU to write", "elements", "first paint, ms", "ready", "facet",
        "`j`", "a word: first / all hits / again / busy", "an expression",
    )  # fmt: skip
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for count in [int(word) for word in sys.argv[1:]] or [1_000, 10_000]:
        measure(count)
