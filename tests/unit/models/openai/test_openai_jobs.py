"""Fine-tuning jobs: what names mean, what result files hold, and servers that never come to an end."""

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_loopback import CANARY, Reply, chat_body

from evalkit.core.errors import Problem
from evalkit.models.openai.job_facts import KnownJobs, read_checkpoints, read_job
from evalkit.models.openai.job_results import last_values, read_results_file
from evalkit.models.openai.names import base_of, read_bare_name, read_job_name, tell_model_name
from evalkit.models.openai.patience import within_seconds
from evalkit.suite.spec import ModelSpec

AZURE = "gpt-4o-mini-2024-07-18.ft-0e208cf33a6a466994aff31a08aba678"
TABLES = {
    "chat": "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy",
    "azure": "step,train_loss,train_mean_token_accuracy,valid_loss,validation_mean_token_accuracy",
    "old": "step,elapsed_tokens,training_loss,training_token_accuracy,validation_loss",
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", TABLES)
def test_result_files_of_all_times_are_read(kind, packed):
    columns = TABLES[kind].split(",")
    text = (
        TABLES[kind] + "\r\n2," + ",".join(["0.5"] * (len(columns) - 1)) + "\r\n1" + ",0.9" + "," * (len(columns) - 2)
    )
    content = base64.encodebytes(text.encode()) if packed else b"\xef\xbb\xbf" + text.encode()
    rows = read_results_file(content)
    assert [row["step"] for row in rows] == [1.0, 2.0]
    assert {"train_loss", "valid_loss"} <= last_values(rows).keys()
    assert last_values(rows)["train_loss"] == 0.5


def test_columns_that_nobody_knows_are_kept_and_words_are_not():
    rows = read_results_file(b"step,reward_mean,note\n1,0.25,warm\n2,nan,inf\n")
    assert rows == ({"step": 1.0, "reward_mean": 0.25}, {"step": 2.0})


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reading(content):
    last_values(read_results_file(content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["status", "fine_tuned_model", "model", "method", "hyperparameters", "error", "result_files", "created_at", "data"]
)


@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_no_body_breaks_the_reading(body):
    facts = read_job(body, asked="ftjob-x")
    if facts is not None:
        json.dumps(facts.tell(), allow_nan=False)
    read_checkpoints(body)


def test_a_number_that_is_none_is_left_out():
    facts = read_job(
        {"status": "succeeded", "hyperparameters": {"n_epochs": float("nan"), "beta": 0.1}}, asked="ftjob-x"
    )
    assert facts.tell()["hyperparameters"] == {"beta": 0.1}


def test_a_key_that_a_server_sends_back_is_hidden_in_every_field(serve, model_at, tmp_path):
    def script(call):
        if call.path.endswith("/content"):
            return Reply(body=f"step,loss {CANARY}\n1,2\n".encode())
        if "checkpoints" in call.path:
            point = {"step_number": 1, "fine_tuned_model_checkpoint": f"ft:{CANARY}", "metrics": {CANARY: 1}}
            return Reply(body={"data": [point]})
        said = {
            "base": CANARY,
            "hyperparameters": {"n_epochs": CANARY},
            "training_file": CANARY,
            "error": {"message": CANARY},
        }
        body = {"status": "succeeded", "model": CANARY, "fine_tuned_model": f"ft:{CANARY}", "result_files": ["file-1"]}
        return Reply(body={**body, **said})

    model = model_at(serve(script), model="ftjob-1")
    assert CANARY not in repr(model.identity)
    assert CANARY not in (tmp_path / ".evalkit" / "jobs.json").read_text()


def test_names_of_jobs_and_models():
    assert read_job_name("ftjob-a1:base").base
    assert read_job_name("ftjob-a1:ckpt-step-7").step == 7
    assert read_job_name("ftjob-a1:7") is None
    assert tell_model_name("davinci:ft-acme-2023-03-01") == {"base": "davinci"}
    assert tell_model_name(AZURE) == {"base": "gpt-4o-mini-2024-07-18"}
    assert tell_model_name(AZURE + "-shop:ckpt-step-9") == {
        "base": "gpt-4o-mini-2024-07-18",
        "suffix": "shop",
        "step": 9,
    }
    assert tell_model_name("gpt-4o-mini") == {}
    assert read_bare_name("gpt-4o-mini") is None
    assert isinstance(read_bare_name(AZURE), Problem)


def test_a_base_is_asked_where_its_tune_is():
    tuned = ModelSpec(provider="openai", model="ft:gpt-4o:o::i", base_url="http://x/v1", generate={"temperature": 1.0})
    assert base_of(tuned) == ModelSpec(provider="openai", model="gpt-4o", base_url="http://x/v1")
    assert base_of(ModelSpec(provider="openai", model="ftjob-1")).model == "ftjob-1:base"
    assert base_of(ModelSpec(provider="openai", model="ftjob-1:base")) is None
    assert base_of(ModelSpec(provider="openai", model="ftjob-1", azure={"deployment": "d"})) is None


def test_azures_jobs_are_asked_at_the_resource_and_answered_by_the_deployment(serve, model_at, ask):
    def script(call):
        if "/fine_tuning/jobs/ftjob-1/checkpoints" in call.path:
            return Reply(body={"object": "list", "data": []})
        if call.path.startswith("/openai/fine_tuning/jobs/ftjob-1?"):
            return Reply(
                body={"id": "ftjob-1", "status": "succeeded", "model": "gpt-4o-mini", "fine_tuned_model": AZURE}
            )
        return Reply(body=chat_body("hi"))

    server = serve(script)
    azure = {"api_version": "2024-10-21", "deployment": "support"}
    model = model_at(server, model="ftjob-1", base_url=server.url.removesuffix("/v1"), azure=azure)
    assert model.identity.model == AZURE
    assert model.identity.details["fine_tuning"]["base"] == "gpt-4o-mini-2024-07-18"
    (answer,) = model.answer([ask("q")])
    assert answer.text == "hi"
    assert "/deployments/support/" in server.asked("/chat/completions")[0].path


def test_a_note_of_an_older_evalkit_is_read(tmp_path):
    known = KnownJobs(tmp_path)
    known.path.parent.mkdir()
    known.path.write_text(json.dumps({"http://x ftjob-1": "ft:m:o::i", "http://x ftjob-2": {"id": 1, "odd": 2}}))
    assert known.find("http://x ftjob-1").model == "ft:m:o::i"
    assert known.find("http://x ftjob-1").has_ended
    assert known.find("http://x ftjob-2") is None
    assert known.find("http://x ftjob-3") is None


def test_a_question_that_is_never_answered_comes_to_an_end():
    with pytest.raises(TimeoutError, match="no whole answer within"):
        within_seconds(0.05, lambda: time.sleep(5))
    with pytest.raises(KeyError):
        within_seconds(5.0, lambda: {}["x"])
