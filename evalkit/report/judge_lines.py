"""What `evalkit judge check` found, as lines for people, in English or Japanese."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from evalkit.core.exchange import Json
from evalkit.report.sentences import Language, Speaker, speaker

Row = tuple[str, str]
"""What it is, and its figure"""
_DIGITS = 12


@cache
def judge_words(language: Language) -> Mapping[str, str]:
    """Return the sentences of a language by their keys."""
    asset = files("evalkit.report.renderers").joinpath("assets", f"judge.{language}.json")
    found: Mapping[str, str] = json.loads(asset.read_text(encoding="utf-8"))
    return found


def judge_title(found: Mapping[str, Json], language: Language = "en") -> str:
    """Write who judged, under which prompt."""
    judges = ", ".join(f"{name} ({model})" for name, model in found["models"].items())
    prompt = found["prompt"]
    return judge_words(language)["title"].format(
        scorer=found["scorer"],
        judges=judges,
        prompt=prompt["name"],
        version=prompt["version"],
        sha=prompt["sha256"][:_DIGITS],
    )


def judge_rows(found: Mapping[str, Json], part: str, language: Language = "en") -> list[Row]:
    """Return the figures of one part of the metric, each with its name."""
    words, say, figures = judge_words(language), speaker(language), found["figures"][part]
    name = part or words["whole"]
    rows = [(name, words["labels"].format(n=figures["n"], cases=figures["n_cases"]))]
    rows.append((words["kappa"], _kappa(figures["kappa"], words, say)))
    rows += list(_shares(figures, words))
    rows += list(_leanings(figures, words))
    for by, signs in figures["sign_changes"].items():
        told = {side: ", ".join(values) for side, values in signs.items()}
        rows.append((words["bias"], words["sign"].format(by=by, **told)))
    if (order := figures.get("order")) is not None:
        rows.append((words["order"], words["of"].format(figure=_share(order), n=order["n"])))
    if (itself := figures.get("itself")) is not None:
        why = words["undefined"].format(reason=say(str(itself["reason"])))
        shown = _figure(itself) if itself["value"] is not None else why
        rows.append((words["itself"].format(draws=itself["draws"]), shown))
    rows += [(words[arm], _rate(rate, words, say)) for arm, rate in figures["rates"].items() if rate is not None]
    return rows


def judge_verdict(found: Mapping[str, Json], part: str, *, floor: float, language: Language = "en") -> str:
    """Write whether a gate may stand on this part."""
    words = judge_words(language)
    why: Sequence[str] = found["why_not"].get(part, ())
    told = speaker(language)("; ".join(why))
    return words["may_not"].format(why=told) if why else words["may"].format(floor=f"{floor:g}")


def judge_lines(found: Mapping[str, Json], *, floor: float, language: Language = "en") -> list[str]:
    """Write the whole check for a terminal."""
    words = judge_words(language)
    lines = [judge_title(found, language)]
    for part in found["figures"]:
        rows = judge_rows(found, part, language)
        lines += [f"  {name}: {shown}" if at == 0 else f"    {name}: {shown}" for at, (name, shown) in enumerate(rows)]
        lines.append(f"    -> {judge_verdict(found, part, floor=floor, language=language)}")
    lines += [f"  {name}: {shown}" for name, shown in _beside(found, words, speaker(language))]
    return [*lines, words["random"]]


def judge_markdown(found: Mapping[str, Json], *, floor: float, language: Language = "en") -> str:
    """Write the whole check as a page of Markdown."""
    words = judge_words(language)
    lines = [f"# {judge_title(found, language)}", ""]
    for part in found["figures"]:
        (name, labels), *rows = judge_rows(found, part, language)
        lines += [f"## {name}", "", f"**{judge_verdict(found, part, floor=floor, language=language)}**", ""]
        lines += [f"{labels}", "", "| | |", "|---|---|", *(f"| {what} | {shown} |" for what, shown in rows), ""]
    lines += [f"- {name}: {shown}" for name, shown in _beside(found, words, speaker(language))]
    return "\n".join([*lines, "", words["random"], ""])


def _beside(found: Mapping[str, Json], words: Mapping[str, str], say: Speaker) -> Iterator[Row]:
    for one in found["between_judges"]:
        first, second = one["judges"]
        yield words["between"].format(one=first, other=second), _kappa(one, words, say)
    if found["unscorable"]:
        yield found["scorer"], words["unscorable"].format(n=found["unscorable"])


def _kappa(kappa: Mapping[str, Json], words: Mapping[str, str], say: Speaker) -> str:
    if kappa["value"] is None:
        return words["undefined"].format(reason=say(str(kappa["reason"])))
    equal = f"{100 * kappa['agreement']:.0f}%"
    return words["kappa_value"].format(figure=_figure(kappa), equal=equal, weights=words[kappa["weights"]])


def _shares(figures: Mapping[str, Json], words: Mapping[str, str]) -> Iterator[Row]:
    for name in ("false_pass", "false_fail"):
        share = figures.get(name)
        if share is not None:
            shown = words["of"].format(figure=_share(share), n=share["n"]) if share["n"] else words["nobody"]
            yield words[name], shown


def _leanings(figures: Mapping[str, Json], words: Mapping[str, str]) -> Iterator[Row]:
    for name in ("bias", "arms", "length"):
        if figures[name] is not None:
            yield words[name], _signed_figure(figures[name])
    for by, values in figures["groups"].items():
        for value, figure in values.items():
            yield words["group"].format(by=by, value=value), _signed_figure(figure)


def _rate(rate: Mapping[str, Json], words: Mapping[str, str], say: Speaker) -> str:
    judge = f"{rate['judge']:.3f}"
    if rate["value"] is None:
        return words["no_rate"].format(reason=say(str(rate["reason"])), judge=judge)
    return words["rate"].format(figure=f"{rate['value']:.3f} [{rate['low']:.3f}, {rate['high']:.3f}]", judge=judge)


def _share(figure: Mapping[str, Json]) -> str:
    return f"{100 * figure['value']:.0f}% [{100 * figure['low']:.0f}%, {100 * figure['high']:.0f}%]"


def _figure(figure: Mapping[str, Json]) -> str:
    if figure["low"] is None:
        return f"{figure['value']:.2f}"
    return f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"


def _signed_figure(figure: Mapping[str, Json]) -> str:
    return f"{figure['value']:+.2f} [{figure['low']:+.2f}, {figure['high']:+.2f}]"
