"""The style sheet: both themes can be read, and a difference is coloured by arm, not as right and wrong."""

import re
from importlib.resources import files

import pytest

CSS = files("evalkit.report.renderers").joinpath("assets", "report.css").read_text(encoding="utf-8")


def theme(name: str) -> dict[str, str]:
    """The colours of a theme; what it does not set is the light one's."""
    light = dict(re.findall(r"--([\w-]+): (#\w{6})", CSS.partition("@media")[0]))
    if name == "light":
        return light
    start = {"dark": ':root[data-theme="dark"] {', "system": ':root:not([data-theme="light"]) {'}[name]
    return light | dict(re.findall(r"--([\w-]+): (#\w{6})", CSS.partition(start)[2].partition("}")[0]))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    dark, light = sorted((luminance(one), luminance(two)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark", "system"])
@pytest.mark.parametrize("text", ["good", "bad", "unsure", "own-base", "own-candidate"])
def test_coloured_text_can_be_read_on_its_own_ground(name: str, text: str) -> None:
    colours = theme(name)
    assert contrast(colours[text], colours[f"{text}-wash"]) >= 4.5


def test_the_dark_theme_is_the_same_by_choice_and_by_system() -> None:
    assert theme("dark") == theme("system")


@pytest.mark.parametrize(("mark", "whose"), [("del", "own-base"), ("ins", "own-candidate")])
def test_a_difference_is_coloured_by_its_arm_not_as_right_or_wrong(mark: str, whose: str) -> None:
    rules = re.findall(rf"^{mark} {{(.*)}}$", CSS, flags=re.MULTILINE)
    assert len(rules) == 1
    assert set(re.findall(r"--([\w-]+)", rules[0])) == {whose, f"{whose}-wash"}


def test_a_sentence_under_a_row_keeps_to_what_is_seen_of_its_table() -> None:
    (sentence,) = re.findall(r"^\.sentence {(.*)}$", CSS, flags=re.MULTILINE)
    assert "position: sticky" in sentence
    assert "max-width: 100cqw" in sentence
    assert ".scroll.told { container-type: inline-size; }" in CSS
