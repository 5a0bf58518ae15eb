"""The tool metrics of deepeval and ragas over a file of cases, one JSON line each; run by tool_calls.py."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

os.environ["DEEPEVAL_TELEMETRY_OPT_OUT"] = "YES"
os.environ["RAGAS_DO_NOT_TRACK"] = "true"

SHARE = 20
"""One twentieth of the cases, the first: these metrics take milliseconds each"""


def deepeval(cases: list[dict[str, Any]]) -> list[bool]:
    from deepeval.metrics import ToolCorrectnessMetric
    from deepeval.models import DeepEvalBaseLLM
    from deepeval.test_case import LLMTestCase, ToolCall, ToolCallParams

    class Nobody(DeepEvalBaseLLM):
        """The constructor wants a model even where none is asked."""

        def load_model(self) -> Any:
            return self

        def generate(self, *args: Any, **kwargs: Any) -> str:
            raise RuntimeError("no model is asked here")

        async def a_generate(self, *args: Any, **kwargs: Any) -> str:
            raise RuntimeError("no model is asked here")

        def get_model_name(self) -> str:
            return "nobody"

    metric = ToolCorrectnessMetric(
        threshold=1.0,
        evaluation_params=[ToolCallParams.INPUT_PARAMETERS],
        should_exact_match=True,
        model=Nobody(),
        async_mode=False,
        include_reason=False,
    )

    def calls(rows: list[Any]) -> list[Any]:
        return [ToolCall(name=name, input_parameters=given) for name, given in rows]

    return [
        metric.measure(
            LLMTestCase(
                input="?", actual_output="", tools_called=calls(c["made"]), expected_tools=calls(c["expected"])
            ),
            _show_indicator=False,
        )
        == 1.0
        for c in cases
    ]


def ragas(cases: list[dict[str, Any]]) -> list[bool]:
    from ragas.dataset_schema import MultiTurnSample
    from ragas.messages import AIMessage, HumanMessage, ToolCall
    from ragas.metrics import ToolCallAccuracy

    metric = ToolCallAccuracy(strict_order=False)

    def calls(rows: list[Any]) -> list[Any]:
        return [ToolCall(name=name, args=given) for name, given in rows]

    async def all_of_them() -> list[bool]:
        verdicts = []
        for case in cases:
            turns = [HumanMessage(content="?"), AIMessage(content="", tool_calls=calls(case["made"]))]
            sample = MultiTurnSample(user_input=turns, reference_tool_calls=calls(case["expected"]))
            verdicts.append(await metric.multi_turn_ascore(sample) == 1.0)
        return verdicts

    return asyncio.run(all_of_them())


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    metrics: tuple[tuple[str, str, Callable[[list[dict[str, Any]]], list[bool]]], ...] = (
        ("deepeval", "ToolCorrectnessMetric (exact match, input parameters)", deepeval),
        ("ragas", "ToolCallAccuracy", ragas),
    )
    for package, metric, judge in metrics:
        try:
            judge(cases[:1])
        except ImportError as error:
            print(f"{package}: {error}", file=sys.stderr)
            continue
        start = time.process_time()
        verdicts = judge(cases[: len(cases) // SHARE])
        seconds = time.process_time() - start
        print(json.dumps({"name": f"{package} {version(package)}, {metric}", "seconds": seconds, "verdicts": verdicts}))


if __name__ == "__main__":
    main()
