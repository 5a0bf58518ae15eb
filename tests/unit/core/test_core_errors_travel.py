"""Errors keep every problem on their way to another process."""

import pickle

import pytest

from evalkit.core.errors import EvalkitError, MissingExtra, Problem, SuiteError, UnsoundComparison


@pytest.mark.parametrize(
    "error",
    [
        SuiteError([Problem(what="one", todo="this"), Problem(what="two")]),
        MissingExtra("torch", "local", "a local model"),
        UnsoundComparison("nothing", suites={"a": (Problem(what="b"),)}),
    ],
)
def test_an_error_comes_out_of_a_pickle_whole(error: EvalkitError) -> None:
    other = pickle.loads(pickle.dumps(error))
    assert type(other) is type(error)
    assert (other.problems, str(other), other.exit_code) == (error.problems, str(error), error.exit_code)
    assert vars(other) == vars(error)
