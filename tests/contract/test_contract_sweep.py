"""`evalkit sweep`: every checkpoint against one base, the best that passes, and where the training goes too far."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pages import read_page
from project import Project, told

from evalkit.cli import main
from evalkit.store.runs import list_runs

RIGHT = {100: 15, 200: 18, 300: 19, 400: 16, 1000: 8}
"""Step -> of twenty cases, how many are right; the base has 14"""


def write_recording(path: Path, *, name: str, right: int, turn: int = 1) -> None:
    """`turn` other than 1 is right on other cases than the base."""
    lines: list[dict[str, Any]] = [{"evalkit_recording": 1, "model": {"name": name}}]
    lines += [{"id": f"q{i}", "text": str(i + 1) if turn * i % 20 < right else "no"} for i in range(200)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def write_log(folder: Path, losses: Mapping[int, float], **more: Any) -> None:
    log = [{"step": step, "epoch": step / 500, "loss": loss} for step, loss in losses.items()]
    log += [{"step": step, "epoch": step / 500, "eval_loss": 1 + step / 1000} for step in losses]
    state = {"global_step": max(losses), "log_history": log, **more}
    folder.joinpath("trainer_state.json").write_text(json.dumps(state), encoding="utf-8")


@pytest.fixture
def training(project: Project) -> Project:
    """A folder of recordings, one per checkpoint, with the trainer's log."""
    project.n = 200
    project.data()
    project.arm("base", right=lambda i: i % 20 < 14)
    project.models("base")
    for step, right in RIGHT.items():
        write_recording(project.folder / f"out/checkpoint-{step}.jsonl", name=str(step), right=right)
    write_log(
        project.folder / "out",
        {step: 2 - step / 600 for step in range(50, 1001, 50)},
        best_model_checkpoint="C:\\runs\\out\\checkpoint-300",
    )
    return project


def sweep(project: Project, *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["sweep", "base", *(words or ("out",)), "--replay", "--json", "v.json", "--report", "page"])
    return code, json.loads((project.folder / "v.json").read_text(encoding="utf-8"))


def test_the_best_that_passes_is_named_and_makes_the_exit_code(training: Project) -> None:
    code, found = sweep(training)
    assert (code, found["exit_code"], found["outcome"], found["best"]) == (0, 0, "PASS", "checkpoint-300")
    assert found["holds"] == "verdicts"
    assert [row["outcome"] for row in found["summary"]] == ["PASS", "PASS", "PASS", "PASS", "FAIL"]
    steps = [one["step"] for one in found["sweep"]["checkpoints"]]
    assert steps == [100, 200, 300, 400, 1000]  # by number, not by name
    assert found["sweep"]["trainers_choice"] == "checkpoint-300"


def test_every_checkpoint_is_judged_at_what_choosing_among_them_leaves(training: Project) -> None:
    _, found = sweep(training)
    (curve,) = found["sweep"]["curves"]
    assert curve["confidence"] == pytest.approx(1 - 0.05 / 5)
    findings = [verdict["suites"][0]["findings"][0] for verdict in found["verdicts"]]
    assert {finding["confidence"] for finding in findings} == {curve["confidence"]}
    _, fewer = sweep(training, "out", "--steps", "200,300-400")
    assert fewer["candidates"] == ["checkpoint-200", "checkpoint-300", "checkpoint-400"]
    assert fewer["sweep"]["curves"][0]["confidence"] == pytest.approx(1 - 0.05 / 3)


def test_curves_have_intervals_and_the_losses_of_their_stretch(training: Project) -> None:
    _, found = sweep(training)
    (curve,) = found["sweep"]["curves"]
    assert (curve["suite"], curve["metric"], curve["base"]) == ("small", "answer", pytest.approx(0.7))
    assert [round(point["value"], 3) for point in curve["points"]] == [0.75, 0.9, 0.95, 0.8, 0.4]
    assert all(point["low"] < point["value"] < point["high"] for point in curve["points"])
    assert all(point["delta_low"] < point["delta"] < point["delta_high"] for point in curve["points"])
    losses = [one["train_loss"] for one in found["sweep"]["checkpoints"]]
    assert losses[1] == pytest.approx((2 - 150 / 600 + 2 - 200 / 600) / 2)  # logged after step 100, up to 200
    assert [one["eval_loss"] for one in found["sweep"]["checkpoints"]] == pytest.approx([1.1, 1.2, 1.3, 1.4, 2.0])
    assert found["sweep"]["checkpoints"][4]["epoch"] == 2.0


def test_where_it_starts_to_overfit_is_proven(training: Project, capsys: pytest.CaptureFixture[str]) -> None:
    _, found = sweep(training)
    fall = found["sweep"]["curves"][0]["fall"]
    assert (fall["best"], fall["since"], fall["overfits"]) == ("checkpoint-300", "checkpoint-400", True)
    assert fall["delta"] == pytest.approx(-0.15)
    assert fall["high"] < 0 < 0.05 - fall["p_adjusted"]
    assert fall["confidence"] == pytest.approx(1 - 0.05 / 10)  # ten pairs
    assert fall["loss_since"] < fall["loss_best"]
    said = capsys.readouterr().out
    assert "it overfits from checkpoint-400 on: small answer is proven worse than at checkpoint-300" in said
    assert "the trainer's choice" in said
    assert "deploy checkpoint-300" in said


def test_a_small_drop_is_no_overfitting(training: Project) -> None:
    for step, right in zip(RIGHT, (18, 19, 19, 19, 19), strict=True):
        write_recording(training.folder / f"out/checkpoint-{step}.jsonl", name=str(step), right=right)
    rows = (training.folder / "out/checkpoint-1000.jsonl").read_text().splitlines()
    rows[1] = json.dumps({"id": "q0", "text": "no"})
    (training.folder / "out/checkpoint-1000.jsonl").write_text("\n".join(rows) + "\n")
    _, found = sweep(training)
    assert found["sweep"]["curves"][0]["fall"] is None
    assert found["sweep"]["because"] == "no checkpoint is proven worse than an earlier one on any of 1 curve"


def test_a_fall_while_the_training_loss_rises_is_no_overfitting(training: Project) -> None:
    write_log(training.folder / "out", {100: 1.0, 200: 1.1, 300: 1.2, 400: 1.3, 1000: 1.4})
    assert sweep(training)[1]["sweep"]["curves"][0]["fall"] is None


def test_without_a_log_a_fall_is_told_as_a_fall(training: Project) -> None:
    (training.folder / "out/trainer_state.json").unlink()
    _, found = sweep(training)
    fall = found["sweep"]["curves"][0]["fall"]
    assert (fall["since"], fall["overfits"]) == ("checkpoint-400", False)
    assert "is not known" in found["sweep"]["because"]
    assert "out has no trainer_state.json: no training loss is known" in found["sweep"]["notes"]


@pytest.mark.parametrize("text", ["{", "[]", '{"log_history": 3}', '{"log_history": [{"step": "x"}, 4]}', "\udcff"])
def test_a_broken_log_costs_its_losses_alone(training: Project, text: str) -> None:
    (training.folder / "out/trainer_state.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    code, found = sweep(training)
    assert (code, found["best"]) == (0, "checkpoint-300")
    assert {one["train_loss"] for one in found["sweep"]["checkpoints"]} == {None}


def test_a_log_says_nothing_of_what_came_after_it(training: Project) -> None:
    write_log(training.folder / "out", {100: 1.0, 300: 0.5})
    losses = [one["train_loss"] for one in sweep(training)[1]["sweep"]["checkpoints"]]
    assert losses == [1.0, 1.0, 0.5, None, None]


def test_losses_that_are_no_numbers_are_left_out(training: Project) -> None:
    text = '{"global_step": 1000, "log_history": [{"step": 100, "loss": NaN}, {"step": 200, "loss": 0.5, "epoch": 1}]}'
    (training.folder / "out/trainer_state.json").write_text(text)
    losses = [one["train_loss"] for one in sweep(training)[1]["sweep"]["checkpoints"]]
    assert losses == [None, 0.5, 0.5, 0.5, 0.5]


def test_where_none_passes_the_nearest_decides(training: Project) -> None:
    for step, right in zip(RIGHT, (13, 9, 8, 8, 8), strict=True):
        write_recording(training.folder / f"out/checkpoint-{step}.jsonl", name=str(step), right=right)
    write_recording(training.folder / "out/checkpoint-100.jsonl", name="100", right=14, turn=7)
    code, found = sweep(training)
    assert (code, found["outcome"], found["best"]) == (3, "INCONCLUSIVE", None)
    assert {row["outcome"] for row in found["summary"]} == {"INCONCLUSIVE", "FAIL"}
    code, found = sweep(training, "out", "--steps", "200-300")
    assert (code, found["outcome"]) == (1, "FAIL")


def test_a_checkpoint_that_is_the_base_itself_is_nothing_to_deploy(training: Project) -> None:
    (training.folder / "out/checkpoint-5.jsonl").write_text((training.folder / "suites/base.jsonl").read_text())
    code, found = sweep(training, "out", "--steps", "5,1000")
    assert (code, found["best"]) == (1, None)


def test_one_checkpoint_is_a_sweep_too(training: Project) -> None:
    code, found = sweep(training, "out", "--steps", "300")
    assert (code, found["best"], len(found["verdicts"])) == (0, "checkpoint-300", 1)
    assert found["sweep"]["curves"][0]["fall"] is None


def test_hopeless_checkpoints_are_asked_less_and_good_ones_to_the_end(training: Project) -> None:
    code, found = sweep(training, "out", "--early-stop")
    assert (code, found["best"]) == (0, "checkpoint-300")
    asked = [verdict["suites"][0]["examples"] for verdict in found["verdicts"]]
    assert asked[:4] == [200] * 4
    assert asked[4] < 200
    assert found["summary"][4]["outcome"] == "FAIL"


def test_every_run_is_kept_with_the_command_that_sweeps_again(training: Project) -> None:
    sweep(training)
    assert len(list_runs(training.folder)) == 5
    page = next((training.folder / "page").rglob("index.html"))
    assert "evalkit sweep base out" in read_page(page)


def test_the_command_that_is_shown_names_the_steps(training: Project) -> None:
    sweep(training, "out", "--steps", "100-300")
    assert "evalkit sweep base out --steps 100-300" in read_page(training.folder / "page" / "index.html")


def test_what_is_no_checkpoint_is_left_out_and_told(training: Project) -> None:
    (training.folder / "out/checkpoint-500").mkdir()
    (training.folder / "out/checkpoint-500/optimizer.pt").write_bytes(b"sharded")
    (training.folder / "out/checkpoint-600.jsonl").write_text('{"id": "q0", "input": "a row of data"}\n')
    _, found = sweep(training)
    assert len(found["candidates"]) == 5
    assert "left out of out, for they hold no weights that can be read: checkpoint-500" in found["sweep"]["notes"]


def test_files_for_ci_hold_every_checkpoint(training: Project) -> None:
    assert main(["sweep", "base", "out", "--replay", "--junit", "j.xml", "--markdown", "m.md"]) == 0
    junit = (training.folder / "j.xml").read_text(encoding="utf-8")
    assert all(f"checkpoint-{step}" in junit for step in RIGHT)
    said = (training.folder / "m.md").read_text(encoding="utf-8")
    assert said.startswith("<!-- evalkit:report -->")
    assert "| **checkpoint-300** | PASS | 0.6 |" in said
    assert "it overfits from checkpoint-400 on" in said


def test_recordings_inside_the_folders_of_checkpoints_and_other_names_are_found(training: Project) -> None:
    for step, right in ((1, 15), (2, 19)):
        write_recording(training.folder / f"in/checkpoint-{step}/recording.jsonl", name=str(step), right=right)
        write_log(training.folder / f"in/checkpoint-{step}", {step: 1.0 / step})
    write_recording(training.folder / "in/final.jsonl", name="final", right=20)
    _, found = sweep(training, "in")
    assert found["candidates"] == ["checkpoint-1", "checkpoint-2"]
    assert [one["train_loss"] for one in found["sweep"]["checkpoints"]] == [1.0, 0.5]
    assert found["sweep"]["notes"] == ["left out of in, for they are no checkpoint-N: final"]
    for name, right in (("lr-10", 15), ("lr-9", 19)):
        write_recording(training.folder / f"named/{name}.jsonl", name=name, right=right)
    _, found = sweep(training, "named")
    assert (found["candidates"], found["best"]) == (["lr-9", "lr-10"], "lr-9")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["base", "outt"], "'outt' is no training"),
        (["base", "suites/data.jsonl"], "is no training"),
        (["base", "empty"], "holds no checkpoint"),
        (["base", "base"], "'base' is no training"),
        (["nobody", "out"], "unknown model 'nobody'"),
        (["base", "ftjob-"], "names no fine-tuning job"),
        (["base", "out", "--steps", "150"], "has no checkpoint at 150"),
        (["base", "out", "--steps", "300-200"], "'300-200' is no step"),
        (["base", "out", "--steps", "x"], "'x' is no step"),
        (["base", "out", "--json", "out/trainer_state.json"], "it would be lost"),
    ],
)
def test_what_is_no_sweep_is_told(
    training: Project, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    (training.folder / "empty").mkdir()
    assert main(["sweep", *words, "--replay"]) == 2
    assert sentence in capsys.readouterr().err


def test_a_base_with_the_name_of_a_checkpoint_is_refused(training: Project, capsys: pytest.CaptureFixture[str]) -> None:
    training.write("suites/models.yaml", "models: {checkpoint-100: {provider: replay, recording: base.jsonl}}")
    assert "bears the name of a checkpoint" in "".join(told(capsys, "sweep", "checkpoint-100", "out", "--replay"))


def test_a_recording_that_lacks_every_answer_is_invalid_and_does_not_hide_the_rest(training: Project) -> None:
    header = {"evalkit_recording": 1, "model": {"name": "1000"}}
    lines = [json.dumps(header), json.dumps({"id": "other", "text": "x"})]
    (training.folder / "out/checkpoint-1000.jsonl").write_text("\n".join(lines) + "\n")
    code, found = sweep(training)
    assert (code, found["best"]) == (0, "checkpoint-300")
    assert found["summary"][4]["outcome"] == "INVALID"
    assert found["sweep"]["curves"][0]["points"][4]["value"] is None


def test_the_page_draws_every_metric_and_the_losses_by_step(training: Project) -> None:
    sweep(training)
    page = read_page(training.folder / "page" / "index.html")
    assert "training loss" in page
    assert "It overfits from checkpoint-400 on" in page
