"""BFCL's rules one by one, where its own checker is not installed."""

from __future__ import annotations

import pytest

from evalkit.core.exchange import Example, Response, ToolCall
from evalkit.scorers.tool_calls import ToolCalls
from evalkit.scorers.tool_calls.bfcl import check, java, javascript, judge
from evalkit.scorers.tool_calls.bfcl.decode import Undecodable, decode_python, decode_text
from evalkit.scorers.tool_calls.bfcl.score import possible_answers

F = {
    "name": "geo.find",
    "parameters": {
        "type": "dict",
        "properties": {
            "s": {"type": "string"},
            "i": {"type": "integer"},
            "f": {"type": "float"},
            "b": {"type": "boolean"},
            "l": {"type": "array", "items": {"type": "string"}},
            "d": {"type": "dict"},
            "ld": {"type": "array", "items": {"type": "dict"}},
            "n": {"type": "array", "items": {"type": "float"}},
        },
        "required": ["s"],
    },
}
SIMPLE = "simple_function_checker"
PARALLEL = "parallel_function_checker_no_order"


@pytest.mark.parametrize(
    ("accepted", "given", "error_type"),
    [
        ({"s": ["April 1, 2024"]}, {"s": "april-1 2024"}, None),
        ({"s": ["a"]}, {"s": "b"}, "value_error:string"),
        ({"s": ["a"]}, {}, f"{SIMPLE}:missing_required"),
        ({"s": ["a"]}, {"s": "a", "i": 1}, f"{SIMPLE}:unexpected_param"),
        ({"s": ["a"]}, {"s": "a", "zz": 1}, f"{SIMPLE}:unexpected_param"),
        ({"s": ["a"], "i": [1]}, {"s": "a"}, f"{SIMPLE}:missing_optional"),
        ({"s": ["a"], "i": [1, ""]}, {"s": "a"}, None),
        ({"s": ["a"], "i": [1]}, {"s": "a", "i": 1.0}, "type_error:simple"),
        ({"s": ["a"], "i": [1]}, {"s": "a", "i": True}, "type_error:simple"),
        ({"s": ["a"], "i": ["count"]}, {"s": "a", "i": "count"}, None),
        ({"s": ["a"], "i": ["count"]}, {"s": "a", "i": "Count"}, "value_error:others"),
        ({"s": ["a"], "f": [1.0]}, {"s": "a", "f": 1}, None),
        ({"s": ["a"], "f": [0.3]}, {"s": "a", "f": 0.1 + 0.2}, "value_error:others"),
        ({"s": ["a"], "b": [True]}, {"s": "a", "b": 1}, "type_error:simple"),
        ({"s": ["a"], "l": [["X", "y"]]}, {"s": "a", "l": ["x", "Y"]}, None),
        ({"s": ["a"], "l": [["x", "y"]]}, {"s": "a", "l": ["y", "x"]}, "value_error:list/tuple"),
        ({"s": ["a"], "l": [["x"]]}, {"s": "a", "l": [1]}, "type_error:nested"),
        ({"s": ["a"], "l": ["", ["x"]]}, {"s": "a", "l": []}, None),
        ({"s": ["a"], "n": [[1.5, 2]]}, {"s": "a", "n": [1.5, 2]}, "type_error:nested"),
        ({"s": ["a"], "d": [{"k": ["v", ""], "m": [1]}]}, {"s": "a", "d": {"m": True}}, None),
        ({"s": ["a"], "d": [{"k": ["v"]}]}, {"s": "a", "d": {"z": 1}}, "value_error:dict_key"),
        ({"s": ["a"], "d": [{"k": ["v"]}]}, {"s": "a", "d": {"k": "w"}}, "value_error:dict_value"),
        ({"s": ["a"], "d": [{"k": ["v"], "m": [1]}]}, {"s": "a", "d": {"k": "w"}}, "value_error:dict_key"),
        ({"s": ["a"], "ld": [[{"k": [1]}, {"k": [2]}]]}, {"s": "a", "ld": [{"k": 1}, {"k": 2}]}, None),
        ({"s": ["a"], "ld": [[{"k": [1]}]]}, {"s": "a", "ld": [{"k": 1}, {"k": 1}]}, "value_error:list_dict_count"),
    ],
)
def test_one_call_against_one_answer(accepted, given, error_type):
    verdict = check([F], [{"geo.find": given}], [{"geo.find": accepted}], category="simple_python")
    assert (verdict.valid, verdict.error_type) == (error_type is None, error_type)


def test_counts_names_and_greedy_pairing():
    answers = [{"geo.find": {"s": ["a", "b"]}}, {"geo.find": {"s": ["a"]}}]
    a, b = {"geo.find": {"s": "a"}}, {"geo.find": {"s": "b"}}
    assert check([F], [b, a], answers, category="live_parallel").valid
    assert check([F], [a, b], answers, category="parallel").error_type == f"{PARALLEL}:cannot_find_match"
    assert check([F], [a], answers, category="parallel_multiple").error_type == f"{PARALLEL}:wrong_count"
    assert check([F], [a, a], answers[:1], category="simple").error_type == f"{SIMPLE}:wrong_count"
    assert (
        check([F], [a, a], answers[:1], category="live_multiple").error_type == "multiple_function_checker:wrong_count"
    )
    dotless = {"geo_find": {"s": "a"}}
    assert check([F], [dotless], answers[:1], category="simple").error_type == f"{SIMPLE}:wrong_func_name"
    assert check([F], [dotless], answers[:1], category="simple", underscores=True).valid
    assert not check([F], [a], answers[:1], category="simple", underscores=True).valid


@pytest.mark.parametrize(
    ("text", "kind", "inner", "value"),
    [
        ("12", "integer", None, 12),
        ("12L", "long", None, 12),
        ("12", "long", None, "12"),
        ("1.5f", "float", None, 1.5),
        ("1.5", "float", None, "1.5"),
        ("2e3", "double", None, 2000.0),
        ("true", "boolean", None, True),
        ("True", "boolean", None, "True"),
        ('"a"', "String", None, '"a"'),
        ("new int[]{1, 2}", "Array", "integer", [1, 2]),
        ('new ArrayList<String>(Arrays.asList("a", "b"))', "ArrayList", "String", ["a", "b"]),
        ("new ArrayList<Integer>() {{ add(1); add(2); }}", "ArrayList", "integer", [1, 2]),
        ("new ArrayList<>()", "ArrayList", None, []),
        ("list", "ArrayList", "String", "list"),
        ('new HashMap<String, Object>() {{ put("k", 1); put("v", "x"); }}', "HashMap", None, {"k": 1, "v": "x"}),
        ("new HashMap<>()", "HashMap", None, {}),
        ("map", "HashMap", None, "map"),
    ],
)
def test_java_source_is_read_by_its_described_type(text, kind, inner, value):
    assert java.convert(text, kind, inner) == value


@pytest.mark.parametrize(
    ("text", "kind", "inner", "value"),
    [
        ("'a'", "String", None, "a"),
        ("a", "String", None, "a"),
        ("12", "integer", None, 12),
        ("12n", "Bigint", None, 12),
        ("1.5", "float", None, 1.5),
        ("false", "Boolean", None, False),
        ("[1, 2]", "array", "integer", [1, 2]),
        ("new Array('a', 'b')", "array", "String", ["a", "b"]),
        ("[]", "array", "integer", []),
        ("[[1, 2], [3]]", "array", "array", [[1, 2], [3]]),
        ("{'k': true, 'n': [1]}", "dict", None, {"k": True, "n": [1]}),
        ("items", "array", "String", "items"),
        ("{}", "dict", None, {}),
    ],
)
def test_javascript_source_is_read_by_its_described_type(text, kind, inner, value):
    assert javascript.convert(text, kind, inner) == value


def test_java_arguments_must_be_source_text():
    function = {
        "name": "f",
        "parameters": {"type": "dict", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
    }
    for given, valid in (("3", True), ("4", False), (3, False)):
        verdict = check([function], [{"f": {"n": given}}], [{"f": {"n": [3]}}], category="simple_java", language="java")
        assert verdict.valid is valid


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("[a.b(x=1, y='z')]", [{"a.b": {"x": 1, "y": "z"}}]),
        ("`f(x=-1.5)`", [{"f": {"x": -1.5}}]),
        ("f(x=1+2), g(y=2**3)", [{"f": {"x": 3}}, {"g": {"y": 8}}]),
        ("f(x=3^2, y=1<<4, z=[1]+[2], w=('a',)*2)", [{"f": {"x": 1, "y": 16, "z": [1, 2], "w": ("a", "a")}}]),
        ("f(x=name, y=g(z=1), w=h(1))", [{"f": {"x": "name", "y": {"g": {"z": 1}}, "w": "h(1)"}}]),
        ("f(x=(1, 2))", [{"f": {"x": (1, 2)}}]),
        ("[]", []),
    ],
)
def test_text_is_decoded_as_python_calls(text, decoded):
    assert decode_python(text) == decoded


@pytest.mark.parametrize(
    "text",
    [
        "I cannot.", "f(x=1", "f", "{'a': 1}", "f(x=lambda: 1)", "f(x=9**9**9)", "f(x='a'*10**9)", "f(x=[1]*10**9)",
        "f(x=1<<10**9)", "f(x='%999999999d' % 1)", "f(x=open('f')+1)",
    ],
)  # fmt: skip
def test_what_is_no_list_of_calls_is_undecodable(text):
    with pytest.raises(Undecodable):
        decode_python(text)


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("[A.b(s=\"x y\", n=3L, c='q')]", {"A.b": {"s": "x y", "n": "3L", "c": "q"}}),
        (
            '[f(a=new int[] {1, 2}, b=new String[][]{{"x"}})]',
            {"f": {"a": "new int[]{1,2}", "b": 'new String[]{{"x"}}'}},
        ),
        ('f(m=new HashMap<String, Object>() {{ put("k", 1); }})', {"f": {"m": "new HashMap<String,Object>()"}}),
        ("f(l=new ArrayList<>(Arrays.asList(1, 2)));", {"f": {"l": "new ArrayList<>(Arrays.asList(1, 2))"}}),
        (
            "[f(a=List.of( 1,2 ).size, b=x -> x + 1, c=(T) y)]",
            {"f": {"a": "List.of( 1,2 ).size", "b": "x->x+1", "c": "(T)y"}},
        ),
        ("[new A().b(x=1)]", {"new A().b": {"x": "1"}}),
        ('[f(1, "a", x)]', {"f": {None: "x"}}),
    ],
)
def test_java_text_is_decoded_as_bfcls_parser_writes_it(text, decoded):
    assert decode_text(text, "java") == [decoded]


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("[f(a='x y', b=12n, c={k: [1, 2]},)]", {"f": {"a": "x y", "b": "12n", "c": "{k: [1, 2]}"}}),
        (
            "[a.b(f=(x) => { return x; }, g=/re/g, h=`t`)]",
            {"a.b": {"f": "(x) => { return x; }", "g": "/re/g", "h": "`t`"}},
        ),
        ("f(a='x' + 'y'); g(b=1)", {"f": {"a": "x' + 'y"}}),
        ("[f(true)]", {"f": {None: "true"}}),
        ("[f(false, {a: 1})]", {"f": {}}),
    ],
)
def test_javascript_text_is_decoded_as_it_stands(text, decoded):
    assert decode_text(text, "javascript") == [decoded]


@pytest.mark.parametrize("language", ["java", "javascript"])
@pytest.mark.parametrize(
    "text",
    ["I cannot do that.", "[f(a=)]", "[f(a: 1)]", "[f(a=1", '[f(a="x]', "[f(a=x, a=y)]", "[f(a=1 b=2)]", "f(a=#)"],
)
def test_text_of_another_language_is_undecodable(language, text):
    with pytest.raises(Undecodable):
        decode_text(text, language)


def test_one_entry_of_bfcls_files_is_judged_from_text_raw_or_decoded_calls():
    answers = [{"geo.find": {"s": ["a"], "i": [1, ""]}}]
    for output in (
        "[geo.find(s='A')]",
        [{"geo.find": '{"s": "a", "i": 1}'}],
        [{"geo.find": {"s": "a"}}],
    ):
        assert judge(output, [F], answers, category="simple_python_3").valid, output
    for output, error_type in (
        ("No.", "ast_decoder:decoder_failed"),
        ([{"geo.find": '{"s": "a"'}], "ast_decoder:decoder_failed"),
        ([{"geo.find": "[1]"}], "ast_decoder:decoder_wrong_output_format"),
        (["geo.find"], "ast_decoder:decoder_failed"),
        ([], f"{SIMPLE}:wrong_count"),
        ([{"geo.find": {"s": "b"}}], "value_error:string"),
    ):
        assert judge(output, [F], answers, category="simple_python_3").error_type == error_type
    assert judge("No.", [F], category="live_irrelevance_7").valid
    assert judge("[geo.find()]", [F], category="irrelevance").error_type == "irrelevance_error:decoder_success"
    assert judge("No.", [F], category="live_relevance_1").error_type == "relevance_error:decoder_failed"


def test_the_scorer_takes_text_and_tells_error_types():
    example = Example(
        id="x", messages=(), target={"tool_calls": [{"name": "geo.find", "arguments": {"s": "a"}}]}, tools=(F,)
    )
    scorer = ToolCalls(mode="bfcl_compat", dialects=("pythonic",))
    for text, error_type in (
        ("[geo.find(s='A')]", None),
        ("No.", "ast_decoder:decoder_failed"),
        ("[]", f"{SIMPLE}:wrong_count"),
        ("[geo.find(s='b')]", "value_error:string"),
    ):
        found = scorer.score(example, Response(example_id="x", text=text))
        assert (found.evidence["error_type"], found.value) == (error_type, float(error_type is None))


def test_a_python_tuple_is_a_list_only_where_the_schema_says_tuple():
    point = {"type": "tuple", "items": {"type": "float"}}
    for kind, valid in ("tuple", True), ("array", False):
        function = {"name": "f", "parameters": {"properties": {"p": {**point, "type": kind}}, "required": ["p"]}}
        assert check([function], [{"f": {"p": (1.5, 2.5)}}], [{"f": {"p": [[1.5, 2.5]]}}], category="s").valid is valid


def test_schemas_bfcl_does_not_know_never_raise():
    for parameters in (
        True, None, {"properties": {"a": True}}, {"properties": {"a": {"type": ["string", "null"]}}},
        {"properties": {"a": {"anyOf": [{"type": "string"}]}}}, {"properties": {"a": {"$ref": "#/$defs/a"}}},
    ):  # fmt: skip
        function = {"name": "f", "parameters": parameters}
        for value in "x", None, 10**400, [1], {"b": 1}, True:
            check([function], [{"f": {"a": value}}], [{"f": {"a": ["x"]}}], category="simple")
    number = {"name": "f", "parameters": {"properties": {"a": {"type": "float"}}}}
    huge = check([number], [{"f": {"a": 10**400}}], [{"f": {"a": [1.0]}}], category="simple")
    assert huge.error_type == "type_error:simple"


def test_tools_may_be_offered_with_underscores_for_dots():
    offered = {"type": "function", "function": {**F, "name": "geo_find"}}
    target = {"tool_calls": [{"name": "geo.find", "arguments": {"s": "a"}}]}
    answer = Response(example_id="x", tool_calls=(ToolCall(name="geo_find", arguments='{"s": "a"}'),))
    other = {"name": "other", "parameters": {"type": "object", "properties": {}}}
    example = Example(id="x", messages=(), target=target, tools=(other, offered))
    for underscores in True, False:
        scorer = ToolCalls(mode="bfcl_compat", underscores=underscores)
        assert (scorer.check(example) == ()) is underscores
        assert scorer.score(example, answer).value == float(underscores)


def test_alternatives_inside_lists_of_objects_are_read_in_both_notations():
    plain = {"name": "geo.find", "arguments": {"s": "a", "ld": [{"k": {"any_of": [1, 2]}}]}}
    wrapped = {"name": "geo.find", "arguments": {"s": "a", "ld": {"any_of": [[{"equals": {"k": {"any_of": [1, 2]}}}]]}}}
    for call in plain, wrapped:
        assert possible_answers({"tool_calls": [call]}) == [{"geo.find": {"s": ["a"], "ld": [[{"k": [1, 2]}]]}}]


def test_a_category_that_does_not_exist_is_told():
    example = Example(id="x", messages=(), target={"tool_calls": [{"name": "geo.find"}]}, tools=(F,))
    assert "no BFCL category" in ToolCalls(mode="bfcl_compat", category="hard").check(example)[0]
    assert ToolCalls(mode="bfcl_compat").check(example) == ()
    assert (
        "irrelevance"
        in ToolCalls(mode="bfcl_compat", category="simple").check(
            Example(id="x", messages=(), target={"tool_calls": []}, tools=(F,))
        )[0]
    )
