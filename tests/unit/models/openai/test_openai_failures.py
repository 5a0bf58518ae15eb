from __future__ import annotations

import itertools

import pytest

from evalkit.models.openai.failures import read_failure
from evalkit.models.openai.transport import connection_failure


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"message": "Rate limit reached", "code": "rate_limit_exceeded"}, "rate_limit"),
        (429, {"message": "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 30100.", "code": "rate_limit_exceeded"}, "bad_request"),  # noqa: E501
        (429, {"message": "You exceeded your current quota", "type": "insufficient_quota"}, "quota"),
        (403, {"message": "Project does not have access to model", "code": "model_not_found"}, "not_found"),
        (403, {"message": "Country not supported", "code": "unsupported_country"}, "auth"),
        (400, {"message": "This model's maximum context length is 8192 tokens."}, "context_length"),
        (400, {"message": "Invalid schema for response_format"}, "bad_request"),
        (400, {"message": "filtered", "code": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}, "content_filter"),  # noqa: E501
        (404, {"message": "The API deployment does not exist", "code": "DeploymentNotFound"}, "not_found"),
        (408, {"message": "took too long"}, "timeout"),
        (409, {"message": "locked"}, "server"),
        (502, {"message": "Bad gateway"}, "server"),
        (529, {"message": "overloaded"}, "server"),
    ],
)  # fmt: skip
def test_failures_are_named_by_what_can_be_done_about_them(status, error, kind):
    assert read_failure({"error": error}, status=status).kind == kind


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "model is loading"}, "model is loading"),
        ({"object": "error", "message": "no such model", "code": 404}, "no such model"),
        ({"detail": "Not Found"}, "Not Found"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}, "Extra inputs are not permitted"),  # noqa: E501
        ("<html>502 Bad Gateway</html>", "502 Bad Gateway"),
        (None, "no message"),
        ({"error": None}, "no message"),
        ([], "no message"),
    ],
)  # fmt: skip
def test_error_bodies_of_every_server_are_read(body, message):
    failure = read_failure(body, status=500)
    assert message in failure.message
    assert failure.kind == "server"


def chained(*errors):
    for outer, inner in itertools.pairwise(errors):
        outer.__cause__ = inner
    return errors[0]


def named(name):
    return type(name, (Exception,), {})("why")


@pytest.mark.parametrize(
    ("names", "kind", "unreachable"),
    [
        (("APITimeoutError", "ConnectTimeout", "ServerDisconnectedError"), "connection", False),
        (("APITimeoutError", "ReadTimeout", "SocketTimeoutError"), "timeout", False),
        (("APIConnectionError", "ConnectError", "ClientConnectorError"), "connection", True),
        (("APIConnectionError", "ReadError", "ClientPayloadError"), "connection", False),
        (("SomethingNew",), "connection", False),
    ],
)
def test_a_broken_connection_is_named_by_its_first_cause(names, kind, unreachable):
    failure, reached_nobody = connection_failure(chained(*map(named, names)))
    assert (failure.kind, reached_nobody) == (kind, unreachable)
