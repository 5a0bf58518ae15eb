"""From a whole comparison: the table behind a fairness gate, and the frames of fairlearn."""

import numpy as np
import pytest

from evalkit.core.columns import Column, Comparison, Coverage, PairedColumn
from evalkit.core.errors import DataError
from evalkit.core.exchange import Example, Message, ModelIdentity
from evalkit.slices.change import group_changes
from evalkit.slices.frame import arm_frame
from evalkit.slices.groups import groups, means


def arm(values):
    scored = np.array([[v is not None] for v in values])
    raw = np.array([[0.0 if v is None else v] for v in values])
    return Column(raw=raw, scored=scored, failed=np.zeros_like(scored), errors=np.zeros_like(scored))


@pytest.fixture(scope="module")
def comparison():
    rng = np.random.default_rng(0)
    n = 300
    group = [("f", "m", "(missing)")[i % 3] for i in range(n)]
    base = (rng.random(n) < 0.7).astype(float).tolist()
    candidate = [0.0 if g == "f" and i % 4 == 0 else b for i, (g, b) in enumerate(zip(group, base, strict=True))]
    candidate[1] = None
    who = ModelIdentity(name="m", provider="p", model="m", fingerprint="m")
    examples = tuple(Example(id=str(i), messages=(Message(role="user", content=""),)) for i in range(n))
    return Comparison(
        suite="s",
        base=who,
        candidate=who,
        examples=examples,
        clusters=tuple(f"c{i // 3}" for i in range(n)),
        columns={"answer": PairedColumn(metric="answer", base=arm(base), candidate=arm(candidate))},
        levels={"gender": tuple(group)},
        coverage=Coverage(examples=n, asked=n),
    )


def test_the_change_of_every_group_with_its_interval(comparison):
    found = group_changes(comparison, "answer", by="gender")
    assert found.names == ("f", "m")
    assert found.left_out == 101, "a third has no group, one case has no score"
    assert found.changes.change[0] < -0.1
    assert found.changes.high[0] < 0.0
    assert found.changes.n.tolist() == [100, 99]


def test_names_that_do_not_exist_are_an_error_with_the_nearest(comparison):
    with pytest.raises(DataError, match="did you mean 'answer'"):
        group_changes(comparison, "answr", by="gender")
    with pytest.raises(DataError, match="did you mean 'gender'"):
        group_changes(comparison, "answer", by="gendr")
    with pytest.raises(DataError, match="did you mean 'gender'"):
        arm_frame(comparison, arm="base", by=["gendr"])


def test_a_reference_is_named_and_must_exist(comparison):
    found = group_changes(comparison, "answer", by="gender", reference="m")
    assert found.changes.change[0] == pytest.approx(-found.changes.change[1])
    with pytest.raises(DataError, match="no case has gender=n, the reference"):
        group_changes(comparison, "answer", by="gender", reference="n")


def test_both_frames_cover_the_same_cases_and_equal_the_engine(comparison):
    frames = {name: arm_frame(comparison, arm=name, by=["gender"]) for name in ("base", "candidate")}
    column = comparison.columns["answer"]
    rows = column.paired
    cut = groups(np.array(comparison.levels["gender"])[rows].tolist())
    for name, frame in frames.items():
        assert frame.by_group["count"].sum() == 299
        ours = means(getattr(column, name).values[rows], cut)
        assert frame.by_group["answer"].to_dict() == pytest.approx(ours, abs=1e-12)
    assert frames["candidate"].difference()["answer"] > frames["base"].difference()["answer"]
