"""What a suite's templates may do: ask something, and come to an end."""

from pathlib import Path

import pytest

from evalkit.core.errors import SuiteError
from evalkit.core.exchange import Example, Message
from evalkit.pipeline.suites.prompts import requests
from evalkit.suite.load import load_suite

EXAMPLE = Example(id="e1", messages=(Message(role="user", content="hi"),), tags={"kind": "x"})


def rendered(folder: Path, user: str) -> str:
    path = folder / "suite.yaml"
    lines = ["evalkit: 1", "name: s", "dataset: {path: d.jsonl}", "scorers: {a: {type: exact}}"]
    lines += ["gates: [{type: floor, metric: a, min: 0.5}]", "prompt:"]
    path.write_text("\n".join([*lines, f"  user: {user}", ""]), encoding="utf-8")
    (request,) = requests(load_suite(path), [EXAMPLE], letters=False)
    return str(request.messages[-1].content)


@pytest.mark.parametrize("user", ['""', '"   "', '"{{ tags.kind[9:] }}"', "'{% if tags.kind == \"y\" %}no{% endif %}'"])
def test_a_prompt_that_asks_nothing_is_an_error_with_its_place(tmp_path: Path, user: str) -> None:
    with pytest.raises(SuiteError) as caught:
        rendered(tmp_path, user)
    assert "suite.yaml:7:" in str(caught.value)
    assert "prompt.user is blank for example 'e1'" in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        '"x" * 10000000000',
        "10000000000 * input",
        "9 ** 9999999999",
        "(range(99999) | list) * 99999",
        "range(10000000000) | list",
        '"%09999999999d" % 1',
        '"%0*d" % (9999999999, 1)',
        '"{:>9999999999}".format(1)',
        '"x".ljust(9999999999)',
        '"x" | center(9999999999)',
        '"x" | indent(9999999999)',
        '"%09999999999d" | format(1)',
        "[1] | batch(9999999999, 0) | list",
        "lipsum(9999999999)",
    ],
)
def test_a_template_cannot_make_what_would_not_end(tmp_path: Path, template: str) -> None:
    with pytest.raises(SuiteError, match=r"cannot be rendered|not a valid template"):
        rendered(tmp_path, f"'{{{{ {template} }}}}'")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('"-" * 3 ~ input', "---hi"),
        ("7 % 4 * 2 ** 3", "24"),
        ('"%03d" % 7', "007"),
        ('input | upper | replace("H", "J") | truncate(9)', "JI"),
        ('"{:>4}".format(input)', "  hi"),
        ('["a", "b"] | join(", ")', "a, b"),
        ("tags | tojson", '{"kind": "x"}'),
        ("range(3) | sum", "3"),
        ("5000000 | abs", "5000000"),
        ('"%d" | format(5000000)', "5000000"),
        ('"{}".format(5000000)', "5000000"),
        ("5000000 | center(9)", " 5000000 "),
        ("[4000000, 5000000] | max", "5000000"),
    ],
)
def test_ordinary_templates_render_as_before(tmp_path: Path, template: str, text: str) -> None:
    assert rendered(tmp_path, f"'{{{{ {template} }}}}'") == text
