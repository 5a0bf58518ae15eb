"""Typed matchers: is this JSON value the expected one, and how near is it? Shared by tool_calls and json_schema.

`expected.read_expected` reads the notation of data sets, `compare.similarity` measures (1.0 is a match),
`defaults.default_kind` chooses a matcher from a schema where the data names none.
"""
