import pytest
from planted_comparisons import comparison, paired, suite

from evalkit.core.errors import SuiteError
from evalkit.gates.decide import decide, outcome
from evalkit.gates.policy import read_policy, under


def written(tmp_path, text):
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return read_policy(path)


SUITE = suite([{"type": "no_regression", "metric": "answer", "margin": 0.02}])


def test_another_policy_decides_otherwise_without_a_call(tmp_path):
    import datetime as dt

    made = comparison({"answer": paired(100, fixed=5, broken=5)})
    strict, source = written(tmp_path, "policy: {on_inconclusive: warn}\n")
    lenient = under(SUITE, strict, source=source)
    for spec, expected in ((SUITE, "INCONCLUSIVE"), (lenient, "PASS")):
        assert outcome(decide(made, spec, today=dt.date(2026, 1, 1)), spec.policy) == expected
    assert lenient.gates == SUITE.gates


def test_gates_replace_gates_and_drop_their_waivers(tmp_path):
    policy, source = written(tmp_path, "gates:\n  - {type: floor, metric: answer, min: 0.9}\n")
    changed = under(SUITE, policy, source=source)
    assert [gate.type for gate in changed.gates] == ["floor"]
    assert changed.waivers == []
    assert changed.policy == SUITE.policy


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("polcy: {}\n", "did you mean 'policy'"),
        ("policy: {corection: holm}\n", "did you mean 'correction'"),
        ("policy: {correction: bonferoni}\n", "correction"),
        ("policy: {confidence: 1.5}\n", "policy.yaml:1"),
        ("gates:\n  - {type: floor, metric: answr, min: 0.9}\n", "did you mean 'answer'"),
        ("gates:\n  - {type: no_regression, metric: answer, margin: 0}\n", "policy.yaml:2"),
        ("gates:\n  - {type: no_regression, metric: answer, margin: -1.5}\n", "policy.yaml:2"),
        ("gates: []\n", "decides nothing"),
        ("[]\n", "is a mapping"),
        ("", "is a mapping"),
    ],
)
def test_a_policy_that_cannot_be_used_says_where(tmp_path, text, sentence):
    def use():
        policy, source = written(tmp_path, text)
        under(SUITE, policy, source=source)

    with pytest.raises(SuiteError, match=sentence):
        use()
