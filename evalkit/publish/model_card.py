"""Writes a verdict into the card of a model: `model-index` for programs, a section for readers; all else stays."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from evalkit.core.errors import EvalkitError, Problem
from evalkit.core.publication import Publication
from evalkit.core.verdict import Estimate

SOURCE = "evalkit"
"""The name of the source in `model-index`: entries of this source are replaced, others are never touched"""
HOME = "https://github.com/evalkit-gate/evalkit"
TASK = "text-generation"
BEGIN, END = "<!-- evalkit: begin -->", "<!-- evalkit: end -->"
_FRONT = re.compile(r"\A(\s*---[ \t]*\r?\n)(.*?)(\r?\n---[ \t]*(?:\r?\n|\Z))", re.DOTALL)
_SECTION = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
_SIGNS = re.compile(r"([\\`*_{}\[\]<>|])")


def write_card(card: str, publication: Publication) -> str:
    """Return the text of a README.md with this verdict in it, in place of an earlier one.

    EvalkitError where its front matter is no YAML, or its `model-index` is not a list of models.
    """
    card = card.removeprefix("\ufeff")
    line_end = "\r\n" if "\r\n" in card else "\n"
    front = _FRONT.match(card)
    head, body = (front[2], card[front.end() :]) if front is not None else ("", card)
    section = _section(publication).replace("\n", line_end)
    if _SECTION.search(body):
        body = _SECTION.sub(lambda _: section, body, count=1)
    else:
        gap = "" if not body.strip() else line_end * (1 if body.endswith("\n") else 2)
        body = f"{body}{gap}{section}{line_end}"
    data = _front_matter(head, publication).replace("\n", line_end)
    return f"---{line_end}{data}---{line_end}{body}"


def _front_matter(head: str, publication: Publication) -> str:
    """The metadata with our results in it; comments and the order of keys stay."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=2, offset=0)
    try:
        data = yaml.load(head.replace("\r\n", "\n")) if head.strip() else {}
    except YAMLError as error:
        raise _unreadable(f"its front matter is no YAML: {str(error).splitlines()[0]}") from error
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise _unreadable("its front matter is not a mapping")
    _put_results(data, publication)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _put_results(data: dict[str, Any], publication: Publication) -> None:
    index = data.get("model-index")
    if index is None:
        index = data["model-index"] = [{"name": publication.verdict.candidate, "results": []}]
    if not isinstance(index, list) or not all(isinstance(model, dict) for model in index) or not index:
        raise _unreadable("its `model-index` is not a list of models")
    results = index[0].setdefault("results", [])
    if not isinstance(results, list):
        raise _unreadable("the `results` of its `model-index` are not a list")
    results[:] = [one for one in results if not _is_ours(one)] + _results(publication)


def _is_ours(result: object) -> bool:
    source = result.get("source") if isinstance(result, Mapping) else None
    return isinstance(source, Mapping) and source.get("name") == SOURCE


def _unreadable(why: str) -> EvalkitError:
    todo = "mend the card, or remove what is wrong; it was left as it is"
    return EvalkitError(Problem(what=f"the model card cannot be written: {why}", todo=todo))


def _results(publication: Publication) -> list[dict[str, Any]]:
    """What huggingface_hub makes of our figures; the intervals are the arguments of each metric."""
    from huggingface_hub.repocard_data import EvalResult, eval_results_to_model_index

    rows = [
        EvalResult(
            task_type=TASK,
            dataset_type=suite,
            dataset_name=suite,
            metric_type=one.metric,
            metric_name=one.metric,
            metric_value=round(one.candidate, 6),
            metric_args=_interval(one),
            source_name=SOURCE,
            source_url=HOME,
        )
        for suite, one in publication.guarded_estimates()
        if one.candidate is not None
    ]
    models: list[dict[str, Any]] = eval_results_to_model_index(publication.verdict.candidate, rows) if rows else []
    return list(models[0]["results"]) if models else []


def _interval(one: Estimate) -> dict[str, Any]:
    names = ("n", "base", "delta", "low", "high", "confidence")
    told = {name: getattr(one, name) for name in names}
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in told.items()
        if value is not None
    }


def _section(publication: Publication) -> str:
    verdict, origin = publication.verdict, publication.origin
    day = origin.created[:10]
    told = f"**{verdict.outcome}**: `{_plain(verdict.candidate)}` compared with `{_plain(verdict.base)}`"
    lines = [
        BEGIN,
        "## Evaluation",
        "",
        f"{told}{f' on {day}' if day else ''}, by [evalkit]({HOME}) {verdict.version}.",
        "",
    ]
    if verdict.because:
        lines += [_escape(verdict.because), ""]
    if publication.guarded_estimates():
        lines += ["| suite | metric | base | this model | difference | interval | n |", "|---|---|---|---|---|---|---|"]
        lines += [_line(suite, one) for suite, one in publication.guarded_estimates()]
        lines.append("")
    lines += [f"- {_escape(name)}: {_escape(value)}" for name, value in publication.facts.items()]
    if origin.commit:
        lines.append(f"- commit of the suites: {_escape(origin.commit)}")
    if origin.command:
        lines += ["", "To compare again:", "", "    " + " ".join(origin.command.split())]
    return "\n".join([*lines, END])


def _line(suite: str, one: Estimate) -> str:
    interval = "" if one.low is None or one.high is None else f"{one.confidence:.0%}: {one.low:+.4g} to {one.high:+.4g}"
    cells = [_escape(suite), _escape(one.metric), _number(one.base), _number(one.candidate)]
    cells += [_number(one.delta, sign="+"), interval, f"{one.n:,}"]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None, *, sign: str = "") -> str:
    return "not measured" if value is None else f"{value:{sign}.4g}"


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "'").split())


def _escape(text: str) -> str:
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
