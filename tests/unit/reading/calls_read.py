"""What the tests of reading calls share."""

from __future__ import annotations

import json

from evalkit.core.exchange import Response
from evalkit.reading.calls import read_calls
from evalkit.reading.response import read_response

BOOK = {
    "type": "object",
    "properties": {
        "city": {"type": "string"}, "nights": {"type": "integer"}, "smoking": {"type": "boolean"},
        "budget": {"type": ["number", "null"]}, "guests": {"type": "array", "items": {"type": "string"}},
        "code": {"type": "string"}, "room": {"$ref": "#/$defs/room"}, "level": {"enum": [1, 2, "top"]},
    },
    "$defs": {"room": {"anyOf": [{"type": "object"}, {"type": "null"}]}},
}  # fmt: skip

TOOLS = {"book_hotel": BOOK, "now": {"type": "object", "properties": {}}, "shop.find-item": {}}

WANT = {"city": "京都", "nights": 2}

JSON = '{"city": "京都", "nights": 2}'

CALL = '{"name": "book_hotel", "arguments": ' + JSON + "}"


def calls(text):
    """What a text calls: thoughts apart, arguments parsed; an assertion where a piece is broken."""
    read = read_response(Response(example_id="x", text=text))
    found = read_calls(read.text or "", TOOLS)
    if found is None:
        return []
    assert found[1].broken == ()
    return [(name, json.loads(raw) if raw else {}) for name, raw in found[1].calls]


ONE = [
    ("hermes", f"<tool_call>{CALL}</tool_call>"),
    ("hermes", f"Let me book it.\n<tool_call>\n{CALL}\n</tool_call>\nDone."),
    ("hermes", f"<tool_call>\n```json\n{CALL}\n```\n</tool_call>"),
    ("hermes", f"<function_call>\n{CALL}\n</function_call>"),
    ("hermes", f"<TOOLCALL>[{CALL}]</TOOLCALL>"),
    ("hermes", f"<|tool_call|>[{CALL}]"),
    ("hermes", f"<tool_calls>\n[{CALL}]\n</tool_calls>"),
    ("hermes", f"<longcat_tool_call>{CALL}</longcat_tool_call>"),
    ("hermes", "<tool_call>{'name': 'book_hotel', 'arguments': {'city': '京都', 'nights': 2}}</tool_call>"),
    ("hermes", '<tool_call>{{"name": "book_hotel", "arguments": {{"city": "京都", "nights": 2}}}}</tool_call>'),
    ("hermes", "<tool_call>book_hotel\n" + JSON + "\n</tool_call>"),
    ("hermes", '<tool_call>book_hotel(city="京都", nights=2)</tool_call>'),
    ("hermes", "<tool_call>book_hotel<arg_key>city</arg_key><arg_value>京都</arg_value>"
               "<arg_key>nights</arg_key><arg_value>2</arg_value></tool_call>"),
    ("hermes", '<|tool_call_start|>[book_hotel(city="京都", nights=2)]<|tool_call_end|>'),
    ("hermes", '<minimax:tool_call><invoke name="book_hotel"><parameter name="city">京都</parameter>'
               '<parameter name="nights">2</parameter></invoke></minimax:tool_call>'),
    ("qwen_xml", "Sure.\n<function=book_hotel><parameter=city>京都</parameter>"
                 "<parameter=nights>2</parameter></function>"),
    ("qwen_xml", "<function=book_hotel>\n<parameter=city>\n京都\n<parameter=nights>\n2\n</parameter>\n</function>"),
    ("qwen_xml", f"<function=book_hotel>{JSON}</function>"),
    ("qwen_xml", f"<function=book_hotel{JSON}</function>"),
    ("qwen_xml", f"<function(book_hotel)>{JSON}<function>"),
    ("invoke", '<invoke name="book_hotel">\n<parameter name="city">京都</parameter>\n'
               '<parameter name="nights">2</parameter>\n</invoke>'),
    ("deepseek", "<|tool_calls_begin|><|tool_call_begin|>book_hotel<|tool_sep|>" + JSON + "<|tool_call_end|>"),
    ("deepseek", "OK.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>book_hotel\n```json\n" + JSON
                 + "\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>"),
    ("deepseek", '<｜DSML｜function_calls><｜DSML｜invoke name="book_hotel">'
                 '<｜DSML｜parameter name="city" string="true">京都</｜DSML｜parameter>'
                 '<｜DSML｜parameter name="nights" string="false">2</｜DSML｜parameter></｜DSML｜invoke>'),
    ("kimi", "<|tool_calls_section_begin|><|tool_call_begin|>book_hotel:3<|tool_call_argument_begin|>" + JSON),
    ("harmony", f"<|channel|>commentary to=functions.book_hotel<|message|>{JSON}<|call|>"),
    ("harmony", f"<|start|>assistant<|channel|>commentary to=functions.book_hotel json<|message|>{JSON}"),
    ("harmony", f"<|channel|>analysis to=functions.book_hotel code<|message|>{JSON}<|call|>"),
    ("harmony", f"analysis予約する。assistantcommentary to=functions.book_hotel json{JSON}"),
    ("harmony", f"assistant to=functions.book_hotelcommentary json{JSON}"),
    ("llama", f'<|python_tag|>{{"name": "book_hotel", "parameters": {JSON}}}<|eom_id|>'),
    ("llama", '<|python_tag|>book_hotel(city="京都", nights=2)'),
    ("llama", "<|python_start|>[book_hotel(city='京都', nights=2)]<|python_end|>"),
    ("mistral", f"[TOOL_CALLS][{CALL}]</s>"),
    ("mistral", f"[TOOL_CALLS]book_hotel[CALL_ID]a1B2[ARGS]{JSON}"),
    ("mistral", f"I'll book it.[TOOL_CALLS]book_hotel{JSON}"),
    ("gemma", "```tool_code\nresult = book_hotel(city='京都', nights=2)\nprint(result)\n```"),
    ("gemma", "<start_function_call>call:book_hotel{city:<escape>京都<escape>,nights:2}<end_function_call>"),
    ("gemma", '<|tool_call>call:book_hotel{city:<|"|>京都<|"|>,nights:2}<tool_call|>'),
    ("cohere", 'Action:\n```json\n[{"tool_name": "book_hotel", "parameters": ' + JSON + "}]\n```"),
    ("cohere", '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "book_hotel", '
               f'"parameters": {JSON}}}]<|END_ACTION|>'),
    ("internlm", '好的。<|action_start|><|plugin|>{"name": "book_hotel", '
                 f'"parameters": {JSON}}}<|action_end|>'),
    ("functionary", f">>>book_hotel\n{JSON}"),
    ("functionary", f">>>all\nOne moment.\n>>>book_hotel\n{JSON}"),
    ("functionary", f"<|from|>assistant\n<|recipient|>book_hotel\n<|content|>{JSON}<|stop|>"),
    ("phi", f"functools[{CALL}]"),
    ("invoke", '<function name="book_hotel"><parameter name="city">京都</parameter>'
               '<parameter name="nights">2</parameter></function>'),
    ("harmony", f"assistantcommentary to=functions.book_hotel <|constrain|>json<|message|>{JSON}"),
    ("gemma", 'call:book_hotel{city:"京都",nights:2}'),
    ("glm", "book_hotel\n<arg_key>city</arg_key>\n<arg_value>京都</arg_value>\n<arg_key>nights</arg_key>\n"
            "<arg_value>2</arg_value>\n</tool_call>"),
    ("hermes", "<longcat_tool_call>book_hotel\n<longcat_arg_key>city</longcat_arg_key>\n<longcat_arg_value>京都"
               "</longcat_arg_value>\n<longcat_arg_key>nights</longcat_arg_key>\n<longcat_arg_value>2"
               "</longcat_arg_value>\n</longcat_tool_call>"),
    ("pythonic", "result = book_hotel(city='京都', nights=2)"),
    ("pythonic", "await book_hotel(city='京都', nights=2)"),
    ("pythonic", "(book_hotel(city='京都', nights=2))"),
    ("react", f"Thought: book it\nAction: book_hotel\nAction Input: {JSON}\nObservation: booked"),
    ("react", f"**Action:** book_hotel\n**Action Input:** {JSON}"),
    ("glm", f"book_hotel\n{JSON}"),
    ("glm", f"I will book it.\n\nbook_hotel\n{JSON}\n"),
    ("pythonic", "[book_hotel(city='京都', nights=2)]"),
    ("pythonic", "book_hotel(city='京都',\n  nights=2)"),
    ("pythonic", "```book_hotel(city='京都', nights=2)```"),
    ("pythonic", "`book_hotel(city='京都', nights=2)`"),
    ("pythonic", "I will look.\n\n[book_hotel(city='京都', nights=2)]\n\nThis books it."),
    ("pythonic", "[\"book_hotel(city='京都', nights=2)\"]"),
    ("pythonic", "[book\\_hotel(city='京都', nights=2)]"),
    ("pythonic", "book_hotel(**{'city': '京都', 'nights': 2})"),
    ("json", CALL), ("json", f"```\n{CALL}\n```"), ("json", f"Here it is: {CALL} - done"),
    ("json", f'{{"arguments": {JSON}, "name": "book_hotel"}}'),
    ("json", f'{{"tool": "book_hotel", "tool_input": {JSON}}}'),
    ("json", f'{{"action": "book_hotel", "action_input": {JSON}}}'),
    ("json", f'{{"function": "book_hotel", "args": {JSON}}}'),
    ("json", f'{{"type": "function", "function": {{"name": "book_hotel", "parameters": {JSON}}}}}'),
    ("json", f'{{"tool_calls": [{CALL}]}}'),
    ("json", f'[{{"book_hotel": {JSON}}}]'),
    ("json", f'{{"name": "book_hotel", "arguments": {json.dumps(JSON)}}}'),
]  # fmt: skip
