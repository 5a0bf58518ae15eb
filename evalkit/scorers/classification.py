"""Classes: which label an answer gives, and the figures that only all cases together have."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Json, Response
from evalkit.core.sets import Kind, SetFigure
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.label_reading import (
    ABSENT,
    OTHER,
    as_label,
    chosen_text,
    find_mentioned,
    json_at,
    labels_at,
    target_at,
)
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.text.labels import split_labels
from evalkit.text.normalize import Step, normalize

_MOST, _MOST_TOGETHER = 200, 50
_FIGURES = {
    "macro_f1": "mean of the labels' F1, each label counting the same",
    "micro_f1": "F1 of all decisions together; of one label a case the accuracy",
    "weighted_f1": "mean of the labels' F1, weighted by how often each is the target",
    "balanced_accuracy": "mean of the labels' recall",
    "kappa": "agreement with the targets beyond chance (Cohen)",
}


@dataclass(frozen=True, kw_only=True)
class Classification:
    """1 when the answer's label is the target's, else 0; with macro F1.

    Precision of each label and kappa stand beside macro F1.

    The figures are those of all cases together: they have no value of a single case, and gates compare them by drawing
    cases again. Labels are those of the targets, or the ones named in `labels`. An answer that gives none of them is
    wrong, and shown as `other`. With `field` both sides are read from JSON; `true` and `false` are labels there. With
    `multi` a case has several labels (or none): the value is 1 when exactly these are given.
    """

    VERSION: ClassVar[str] = "1"

    labels: tuple[str | bool | int, ...] = ()
    """The labels there are; without it those that occur in the targets"""
    field: str = ""
    """Where the label stands in JSON, in the answer and in the target: `priority`, `order.state`"""
    multi: bool = False
    """Whether a case has several labels: a list in JSON, else what stands between commas and line ends"""
    read: Literal["exact", "mention"] = "exact"
    """The whole answer is the label, or the one label that the answer mentions"""
    normalize: tuple[Step, ...] = (
        "nfkc", "invisible", "typographic", "markdown", "quotes", "final_marks", "casefold", "strip",
    )  # fmt: skip
    """Applied to both sides, in this order"""

    def __post_init__(self) -> None:
        if len(self.labels) == 1:
            raise ValueError("labels must name at least two")
        if len(self._places) < len(self.labels):
            raise ValueError("labels must differ after `normalize`")
        if any(not key or key == OTHER for key in self._places):
            raise ValueError(f"a label must not be empty, nor {OTHER!r}, which stands for answers outside of them")
        most = _MOST_TOGETHER if self.multi else _MOST
        if len(self.labels) > most:
            raise ValueError(f"{len(self.labels)} labels are more than {most}: these are no classes")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    def metrics(self) -> Sequence[Metric]:
        """List yes/no a case, recall of each label, and figures of all cases."""
        labels, kind = self.names, self._kind
        of_all = [name for name in _FIGURES if not (self.multi and name in ("balanced_accuracy", "kappa"))]
        found = [Metric(about="the label is the target's" if not self.multi else "the labels are exactly the target's")]
        found.append(Metric(part="read", about="the answer gives labels that exist"))
        found += [
            Metric(
                part=name,
                binary=False,
                low=-1.0 if name == "kappa" else 0.0,
                high=1.0,
                about=_FIGURES[name],
                over=SetFigure(figure=name, kind=kind, labels=labels),
            )
            for name in of_all
        ]
        for place, label in enumerate(labels):
            found.append(Metric(part=f"recall.{label}", about=f"of the cases whose target is {label}: it is given"))
            for name, about in (("precision", "it is right"), ("f1", "harmonic mean of precision and recall")):
                over = SetFigure(figure=name, kind=kind, label=place, labels=labels)
                told = f"where {label} is given: {about}" if name == "precision" else f"{label}: {about}"
                found.append(Metric(part=f"{name}.{label}", binary=False, low=0.0, high=1.0, about=told, over=over))
        return tuple(found)

    def with_targets(self, examples: Sequence[Example]) -> Classification:
        """Return the scorer with the labels of these targets, sorted by name."""
        if self.labels or not examples:
            return self
        found: dict[str, str] = {}
        for example in examples:
            for label in self._wanted_labels(example) or ():
                found.setdefault(normalize(label, self.normalize), label)
        if len(found) < 2:
            raise ValueError(f"the targets have {'one label' if found else 'no label'}, and classes need at least two")
        return dataclasses.replace(self, labels=tuple(sorted(found.values())))

    def check(self, example: Example) -> Sequence[str]:
        """Check that the target is one of the labels.

        With `multi` it is a list of them.
        """
        wanted = self._wanted_labels(example)
        if wanted is None:
            where = f" at {self.field!r}" if self.field else ""
            return (f"its target{where} is no label" + ("" if self.multi else " (of several at once: `multi: true`)"),)
        lacking = [label for label in wanted if normalize(label, self.normalize) not in self._places]
        if self.labels and lacking:
            return (f"its target {lacking[0]!r} is not one of the labels {', '.join(self.names[:20])}",)
        return ()

    def gold(self, example: Example) -> float:
        """Return the code of the target."""
        return self._code([normalize(label, self.normalize) for label in self._wanted_labels(example) or ()])

    def score(self, example: Example, response: Response) -> Score:
        """Read the label or labels of the answer."""
        given = self._given_labels(example, response)
        code, gold = self._code(given), self.gold(example)
        names = self.names
        parts: dict[str, float | None] = {"read": float(not self._is_strange(given))}
        for place, label in enumerate(names):
            is_target = self._holds(gold, place)
            parts[f"recall.{label}"] = float(self._holds(code, place)) if is_target else None
        reading, expected = self._spell(code), self._spell(gold)
        return dataclasses.replace(
            score_of(
                example,
                response,
                self.version,
                float(code == gold),
                parts=parts,
                reason="" if parts["read"] else "the answer gives no label that exists",
                evidence={"target_label": expected, "read_label": reading},
                reading=reading,
                expected=expected,
            ),
            code=code,
        )

    def cases_behind(self, example: Example, part: str) -> bool:
        """Return whether a part stands on this case.

        Those of one label stand on the cases whose target it is.
        """
        figure, _, label = part.partition(".")
        if not label or figure not in ("recall", "precision", "f1") or label not in self.names:
            return True
        return self._holds(self.gold(example), self.names.index(label))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The labels as they are spelled in metrics."""
        return tuple(as_label(label) for label in self.labels)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {normalize(as_label(label), self.normalize): at for at, label in enumerate(self.labels)}

    @property
    def _kind(self) -> Kind:
        return "labels" if self.multi else "classes"

    def _wanted_labels(self, example: Example) -> list[str] | None:
        """The labels of the target; None where it is none."""
        return labels_at(target_at(example, self.field), several=self.multi)

    def _given_labels(self, example: Example, response: Response) -> list[str]:
        """What the answer gives, normalised."""
        text = answer_text(response)
        if self.field:
            value: Json = json_at(text, self.field)
            given = [] if value is ABSENT else labels_at(value, several=self.multi)
            # what is there and is no label is an answer outside of them
            return [OTHER] if value is ABSENT or given is None else [normalize(one, self.normalize) for one in given]
        chosen = chosen_text(example, response, text) if example.choices and not self.multi else None
        if chosen is not None:
            return [normalize(chosen, self.normalize)]
        if self.read == "mention":
            found = find_mentioned(normalize(text, self.normalize), list(self._places))
            return found if self.multi or len(found) == 1 else [OTHER]
        pieces = split_labels(text) if self.multi else [text]
        return [normalize(one, self.normalize) for one in pieces]

    def _code(self, given: Sequence[str]) -> float:
        many = len(self.labels)
        places = [self._places.get(one, many) for one in given]
        if self.multi:
            return float(sum(1 << place for place in set(places)))
        return float(places[0]) if len(places) == 1 else float(many)

    def _is_strange(self, given: Sequence[str]) -> bool:
        return not (given or self.multi) or any(one not in self._places for one in given)

    def _holds(self, code: float, place: int) -> bool:
        return bool(int(code) >> place & 1) if self.multi else code == place

    def _spell(self, code: float) -> str:
        names = (*self.names, OTHER)
        if not self.multi:
            return names[int(code)]
        return ", ".join(name for place, name in enumerate(names) if int(code) >> place & 1) or "(none)"
