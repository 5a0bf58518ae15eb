"""Schemas compiled once, checked first, formats real, and two backends that agree."""

from __future__ import annotations

import re

import pytest

from evalkit.scorers.schemas.formats import FORMATS
from evalkit.scorers.schemas.validate import BadSchema, checker

FORMAT_CASES = {
    "date": (["2024-02-29"], ["2023-02-29", "2024-2-9", "２０２４-01-01", "20240101"]),
    "time": (
        ["12:00:00Z", "23:59:60Z", "12:00:00.5+09:00", "08:59:60+09:00"],
        ["12:00:00", "24:00:00Z", "12:00:60Z", "12:60:00Z"],
    ),
    "date-time": (
        ["2024-05-01T12:00:00Z", "2024-05-01t12:00:00z"],
        ["2024-05-01", "2024-05-01 12:00:00Z", "2024-05-01T12:00:00"],
    ),
    "duration": (["P1D", "PT1H30M", "P2W", "P1Y2M3DT4H5M6S"], ["P", "PT", "1D", "P1H", "P1D2H", "P1W2D"]),
    "email": (["a@b.co", '"a b"@c.jp', "a@[127.0.0.1]"], ["a", "a@", "@b", "a b@c.jp", "a..b@c.jp", ".a@b.c"]),
    "hostname": (
        ["example.com", "a-b.c", "xn--4gbwdl.xn--wgbh1c"],
        ["-a.com", "a_b.com", "a..b", "", "a" * 64 + ".com"],
    ),
    "ipv4": (["127.0.0.1"], ["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5"]),
    "ipv6": (["::1", "2001:db8::8:800:200c:417a"], ["12345::", "::1%eth0", "1:2:3", "::ffff:1.2.3.999"]),
    "uuid": (
        ["2eb8aa08-aa98-11ea-b4aa-73b441d16380"],
        ["2eb8aa08aa9811eab4aa73b441d16380", "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380"],
    ),
    "uri": (
        ["https://example.com/a?b#c", "urn:isbn:1", "ftp://[::1]:21/"],
        ["/a", "a b", "http://a b", "//x", "http://[::1/", "http://x:port/"],
    ),
    "uri-reference": (["/a?b", "#x", "", "../a"], ["\\\\x", "a b", "http://a[0]"]),
    "json-pointer": (["", "/a~1b", "/0"], ["a", "/~2", "/~"]),
    "relative-json-pointer": (["0", "1/a", "0#"], ["/a", "-1/a", "01/a", "0##"]),
    "regex": (["^a+$"], ["^(a", "a{2,1}"]),
    "uri-template": (["http://x/{a}{?b,c*}", "x"], ["{", "}{", "http://x/{a"]),
}


@pytest.mark.parametrize("name", sorted(FORMAT_CASES))
@pytest.mark.parametrize("backend", ["jsonschema", "jsonschema-rs"])
def test_formats_are_really_checked(name, backend):
    if backend == "jsonschema-rs":
        pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is an extra: pip install evalkit-gate[schema-fast]")
    check = checker({"format": name}, backend=backend)
    good, bad = FORMAT_CASES[name]
    assert [text for text in good if check(text)] == []
    assert [text for text in bad if not check(text)] == []
    assert check(12) == ()


def test_every_format_has_cases():
    assert set(FORMAT_CASES) | {"iri", "iri-reference"} == set(FORMATS)
    assert not checker({"format": "iri"})("https://例え.jp/道")
    assert checker({"format": "iri"})("道")


PARITY = [
    ({"multipleOf": 0.01}, [19.99, 0.07, 1.005, 3, "x"]),
    ({"pattern": r"^\d+$"}, ["12", "１２", "12\n", "a"]),
    ({"pattern": "^a$"}, ["a", "a\n", "ba"]),
    ({"pattern": r"[\w-]+@\w"}, ["a-b@c", "あ@い"]),
    ({"type": "integer"}, [1, 1.0, True, 1.5, "1"]),
    ({"enum": [1, "a"]}, [1, 1.0, True, "a", "A"]),
    ({"const": {"a": [1]}}, [{"a": [1.0]}, {"a": [True]}, {}]),
    ({"type": ["string", "null"]}, [None, "x", 0]),
    ({"anyOf": [{"type": "string"}, {"minimum": 3}]}, ["x", 4, 1]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 3}]}, [1, 4, 2.5]),
    (
        {
            "$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}, "required": ["v"]}},
            "$ref": "#/$defs/n",
        },
        [{"v": 1}, {"v": 1, "next": {}}, {"v": 1, "next": {"v": 2}}],
    ),
    (
        {
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}},
        },
        [{"a": [[1, 2], [3]]}, {"a": [[1, "2"]]}, {"a": [1]}, {}],
    ),
    (
        {"properties": {"a": {"type": "string"}}, "required": ["a", "b"], "additionalProperties": False},
        [{}, {"a": 1, "c": 2}, {"a": "x", "b": 1}],
    ),
    ({"uniqueItems": True}, [[1, 1.0], [1, True], [{"a": 1}, {"a": 1}]]),
    ({"prefixItems": [{"type": "string"}], "items": False}, [["a"], ["a", 1], [1]]),
    ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, [{"a": 1}, {"a": 1, "b": 1}, {}]),
    ({"not": {"type": "string"}, "minLength": 2}, ["a", 3]),
    (True, [1]),
    (
        {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}], "additionalItems": False},
        [["a"], ["a", 1]],
    ),
]


@pytest.mark.parametrize(("schema", "values"), PARITY)
def test_the_backends_agree_on_validity_keywords_and_places(schema, values):
    pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is an extra: pip install evalkit-gate[schema-fast]")
    slow, fast = checker(schema), checker(schema, backend="jsonschema-rs")
    for value in values:
        ours = {(v.keyword, v.pointer) for v in slow(value)}
        theirs = {(v.keyword, v.pointer) for v in fast(value)}
        assert bool(ours) == bool(theirs), (schema, value, ours, theirs)
        if schema is not True and not {"anyOf", "oneOf", "then", "if", "items"} & set(schema):
            assert ours == theirs, (schema, value)


def test_a_typo_in_a_schema_is_told_before_anything_is_judged():
    with pytest.raises(BadSchema, match="strnig"):
        checker({"type": "object", "properties": {"a": {"type": "strnig"}}})
    with pytest.raises(BadSchema, match="object or a boolean"):
        checker(["not a schema"])


def test_references_outside_are_never_fetched():
    for reference in "http://127.0.0.1:9/schema.json", "file:///etc/hostname", "other.json#/a":
        with pytest.raises(BadSchema, match="nowhere"):
            checker({"properties": {"a": {"items": {"$ref": reference}}}})


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"$ref": "#/$defs/absent"}, "nowhere"),
        ({"properties": {"a": {"anyOf": [{"$ref": "#/$defs/absent"}]}}}, "nowhere"),
        ({"$ref": "#"}, "back to itself"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "back to itself"),
        ({"properties": {"a": {"$ref": "#/properties/a"}}}, "back to itself"),
        ({"allOf": [{"$ref": "#"}]}, "back to itself"),
    ],
)
def test_a_reference_nowhere_or_in_a_circle_is_told_before_anything_is_judged(schema, says):
    with pytest.raises(BadSchema, match=says):
        checker(schema)


def test_references_that_lead_somewhere_are_followed_in_every_dialect():
    definition = {"type": "integer"}
    for dialect, holder in (
        ("http://json-schema.org/draft-04/schema#", "definitions"),
        ("http://json-schema.org/draft-07/schema#", "definitions"),
        ("https://json-schema.org/draft/2019-09/schema", "$defs"),
        ("https://json-schema.org/draft/2020-12/schema", "$defs"),
    ):
        schema = {"$schema": dialect, holder: {"n": definition}, "properties": {"a": {"$ref": f"#/{holder}/n"}}}
        assert [v.keyword for v in checker(schema)({"a": "x"})] == ["type"]
    anchored = {"$defs": {"n": {**definition, "$anchor": "here"}}, "items": {"$ref": "#here"}}
    assert [v.pointer for v in checker(anchored)([1, "x"])] == ["/1"]


def test_a_schema_without_end_is_told():
    endless = {}
    for _ in range(2_000):
        endless = {"properties": {"a": endless}}
    with pytest.raises(BadSchema):
        checker(endless)


def test_a_schema_is_compiled_once():
    schema = {"type": "object", "properties": {"unusual-name-for-this-test": {"type": "string"}}}
    assert checker(schema) is checker(dict(schema))


DRAFTS = ("-04/schema#", "-06/schema#", "-07/schema#", "/2019-09/schema", "/2020-12/schema")


def _dialect(draft):
    return {"$schema": f"{'https' if draft[0] == '/' else 'http'}://json-schema.org/draft{draft}"}


@pytest.mark.parametrize("draft", DRAFTS)
def test_the_backends_agree_on_every_format_in_every_draft(draft):
    pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is an extra: pip install evalkit-gate[schema-fast]")
    texts = [text for good, bad in FORMAT_CASES.values() for text in (*good, *bad)]
    for name in (*FORMATS, "idn-email", "idn-hostname", "made-up"):
        slow = checker({**_dialect(draft), "format": name})
        fast = checker({**_dialect(draft), "format": name}, backend="jsonschema-rs")
        assert [not slow(text) for text in texts] == [not fast(text) for text in texts], name


MIXED = [
    {"a": ["b"], "c": {"required": ["d"]}},
    {"c": {"required": ["d"]}, "a": ["b"]},
    {"a": ["b"], "c": {"$ref": "#/definitions/d"}},
    {"c": {"$ref": "#/definitions/d"}, "a": ["b"]},
    {"c": {"properties": {"x": {"dependencies": {"c": {"$ref": "#/definitions/d"}, "a": ["b"]}}}, "required": ["d"]}},
]


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("members", MIXED)
@pytest.mark.parametrize("backend", ["jsonschema", "jsonschema-rs"])
def test_dependencies_may_mix_names_and_schemas_in_any_order_and_draft(draft, members, backend):
    if backend == "jsonschema-rs":
        pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is an extra: pip install evalkit-gate[schema-fast]")
    schema = {**_dialect(draft), "dependencies": members, "definitions": {"d": {"required": ["d"]}}}
    check = checker(schema, backend=backend)
    assert check({}) == check({"c": 1, "d": 1}) == ()
    assert [v.keyword for v in check({"c": 1})] == ["required"]
    if "a" in members:
        assert [v.keyword for v in check({"a": 1})] == ["dependencies"]
        assert check({"a": 1, "b": 1}) == ()


@pytest.mark.parametrize("backend", ["jsonschema", "jsonschema-rs"])
@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"properties": {"a": {"items": {"minimum": "x"}}}}, "/properties/a/items/minimum"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern"),
        ({"definitions": {"a": {"$id": 5}}}, "/definitions/a/$id"),
        ({"$schema": 5}, "/$schema"),
        ({"properties": {"a/b": {"anyOf": [{}, {"$ref": "#/nowhere"}]}}}, "/properties/a~1b/anyOf/1"),
        ({"dependencies": {"a": {"required": ["b"]}, "c": 5}}, "/dependencies/c"),
        ({**_dialect("-07/schema#"), "dependencies": {"a": ["b"], "c": {"$ref": "#/x"}}}, "/dependencies/c"),
        ({"patternProperties": {"[": {}}}, "/patternProperties"),
    ],
)
def test_a_schema_that_cannot_be_compiled_is_told_with_its_place(schema, place, backend):
    if backend == "jsonschema-rs":
        pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is an extra: pip install evalkit-gate[schema-fast]")
    with pytest.raises(BadSchema, match="^" + re.escape(f"{place}: ")):
        checker(schema, backend=backend)


def test_what_a_library_does_not_foresee_is_a_fault_of_the_schema_with_its_place(monkeypatch):
    from evalkit.scorers.schemas import validate

    def fragile(schema):
        if "unforeseen" in str(schema):
            raise AttributeError("no such attribute")

    monkeypatch.setattr(validate, "_python", fragile)
    schema = {"properties": {"a": {"items": {"unforeseen": True}}, "b": {"type": "string"}}}
    with pytest.raises(BadSchema, match=r"^/properties/a/items: jsonschema cannot compile this: AttributeError: no"):
        checker(schema)


def test_a_dialect_that_nobody_knows_is_read_as_the_newest_and_draft_3_by_one_backend():
    pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is an extra: pip install evalkit-gate[schema-fast]")
    for backend in ("jsonschema", "jsonschema-rs"):
        assert checker({"$schema": "http://example.com/own", "type": "string"}, backend=backend)(1)
    old = {"$schema": "http://json-schema.org/draft-03/schema#", "type": "string"}
    assert checker(old)(1)
    with pytest.raises(BadSchema, match="draft-03 takes `backend: jsonschema`"):
        checker(old, backend="jsonschema-rs")
