"""Whether a Japanese persona shows in an answer, or, elsewhere, stays out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from evalkit.core.exchange import Example, Response
from evalkit.core.verdict import Metric, Score
from evalkit.scorers.options import SuiteFile
from evalkit.scorers.outcome import answer_text, score_of
from evalkit.text.persona import EVERYDAY, PersonaMarks, Shown, find_persona
from evalkit.text.persona_profiles import add_marks, load_profile, read_profile


@dataclass(frozen=True, kw_only=True)
class Persona:
    """1 when the answer speaks as the persona does, else 0.

    It does when at least `min_endings` of its sentences show the persona (an ending, a word of its own anywhere in the
    sentence, beside those its first person), it uses no other first person, nothing forbidden, and not as much of a
    near dialect as of its own. Endings may be drawn out or followed by marks and particles: ぜよ, ぜよ～！, ぜよ。;
    what is quoted does not count. With `expect: absent` the answer is right when it shows none of that: the persona
    must not leak. A ready persona (`profile`), one's own file, and words named here add up.
    """

    VERSION: ClassVar[str] = "3"

    profile: str = ""
    """A ready persona: ryoma, kansai, madoguchi, butler, ojousama, samurai, hakata, hiroshima"""
    profile_file: SuiteFile | None = None
    """A persona of one's own, as TOML; `extends` names a ready one"""
    first_person: tuple[str, ...] = ()
    """The persona's own words for I"""
    endings: tuple[str, ...] = ()
    """How its sentences end; a leading ～ is dropped"""
    markers: tuple[str, ...] = ()
    """Words of its own that may stand anywhere"""
    apart: tuple[str, ...] = ()
    """Words of near dialects, which are not the persona's"""
    forbidden: tuple[str, ...] = ()
    """Words that it never says"""
    min_endings: float = 0.5
    """Share of sentences that must show the persona"""
    expect: Literal["present", "absent"] = "present"
    """Whether the persona must show, or must not"""

    def __post_init__(self) -> None:
        if not self.marks.endings and not self.marks.markers:
            raise ValueError("persona needs a `profile`, a `profile_file`, or `endings` or `markers`")
        if not 0 < self.min_endings <= 1:
            raise ValueError(f"min_endings must be above 0 and at most 1, not {self.min_endings}")

    @property
    def version(self) -> str:
        """The version of the numbers."""
        return self.VERSION

    @cached_property
    def marks(self) -> PersonaMarks:
        """All that the persona is known by."""
        found = load_profile(self.profile) if self.profile else PersonaMarks()
        if self.profile_file is not None:
            found = add_marks(found, read_profile(self.profile_file))
        named = ("first_person", "endings", "markers", "apart", "forbidden")
        return add_marks(found, PersonaMarks(**{name: getattr(self, name) for name in named}))

    def metrics(self) -> Sequence[Metric]:
        """List yes/no, the first person, and what shows of the persona."""
        wanted = self.expect == "present"

        def share(part: str, about: str) -> Metric:
            return Metric(part=part, higher_is_better=wanted, binary=False, low=0.0, high=1.0, about=about)

        return (
            Metric(about=f"the persona is {self.expect}"),
            Metric(
                part="first_person",
                higher_is_better=wanted,
                about="among answers with a first person: it is the persona's and no other",
            ),
            share("endings", "share of sentences with a persona ending"),
            share("shows", "share of sentences with anything of the persona's"),
            Metric(part="apart", higher_is_better=False, about="words of a near dialect"),
            Metric(part="forbidden", higher_is_better=False, about="words that the persona never says"),
        )

    def check(self, example: Example) -> Sequence[str]:
        """Check nothing: no target is needed."""
        return ()

    def score(self, example: Example, response: Response) -> Score:
        """Look at first persons, endings and words of the persona."""
        found = find_persona(answer_text(response), self.marks)
        good = self._is_there(found) if self.expect == "present" else self._is_away(found)
        used = bool(found.own or found.others)
        parts: dict[str, float | None] = {
            "first_person": float(bool(found.own) and not found.others) if used else None,
            "endings": found.with_ending / found.sentences if found.sentences else 0.0,
            "shows": found.share,
            "apart": float(bool(found.apart)),
            "forbidden": float(bool(found.forbidden)),
        }
        evidence = {
            "first_persons": {**found.own, **found.others},
            "sentences": found.sentences,
            "with_ending": found.with_ending,
            "found": list(found.found[:8]),
            "apart": list(found.apart),
            "forbidden": list(found.forbidden),
        }
        return score_of(example, response, self.version, good, parts=parts, evidence=evidence)

    def _is_there(self, found: Shown) -> bool:
        if found.others or found.forbidden or len(found.apart) > len(found.found) or not found.strong:
            return False
        return found.share >= self.min_endings and (not found.apart or found.strong > 1 or len(found.found) > 1)

    def _is_away(self, found: Shown) -> bool:
        own = sum(count for word, count in found.own.items() if word in self.first_person or word not in EVERYDAY)
        return own == 0 and not found.with_ending and not found.strong
