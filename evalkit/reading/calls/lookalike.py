"""Whether a text that no reader can read looks like a call all the same: then it is no abstention."""

from __future__ import annotations

import re

from evalkit.reading.calls.found import Tools

_VALUE = r"""(?:["'\[{\d-]|True|False|None|true|false)"""
_ARGUMENTS = (
    r"[ \t]{0,4}\([ \t\n]{0,20}(?:[A-Za-z_]\w{0,60}[ \t]{0,4}=[ \t]{0,4}"
    + _VALUE
    + r"""|["'][^"'\n]{0,200}["'][ \t]{0,4}[,)]|-?\d[\d.]{0,20}[ \t]{0,4}[,)])"""
)
"""What stands behind a name that is called: a keyword with a value, a text, a number"""
_NAME_AND_KEY = r"""[A-Za-z_][\w.]{0,100}["'`]?\\?\([ \t\n]{0,20}[A-Za-z_]\w{0,60}[ \t]{0,4}=[ \t]{0,4}"""
_BEGINS = re.compile(
    rf"""\s{{0,40}}(?:```\w{{0,20}}\s{{0,8}})?(?:["'`\s]{{0,8}}{_NAME_AND_KEY}{_VALUE}|[\["'`\s]{{1,8}}{_NAME_AND_KEY})"""
)
"""A text that begins with a call, of whatever name; in brackets or quotes with whatever value"""
_QUOTED = r"""(?:["'`]|[*_]{1,3})?"""
_WRITTEN = (
    r"(?m)^[^\w\n]{0,6}NAME[ \t]{1,4}(?:--?[A-Za-z][\w-]{0,60}[ =]|[A-Za-z_]\w{0,60}=)\S",
    r"(?m)^[^\w\n]{0,6}NAME\([A-Za-z_]\w{0,60}[ \t]?[=:][^()\n]{1,500}\)\W{0,8}$",
    r"(?m)(?<![\w.])NAME\[\s{0,4}\{|^[^\w\n]{0,6}Action[^\w\n]{1,6}NAME\[",
    r"(?mi)^[^\w\n]{0,6}(?:tool|function|action|call|関数|ツール)(?:[ _]?(?:name|call|名))?[^\w\n]{0,4}[:：]"
    r"[^\w\n]{0,6}NAME\W{0,8}\n"
    r"[^\w\n]{0,6}(?:arg(?:ument)?s?|param(?:eter)?s?|input|引数|パラメータ)[^\w\n]{0,4}[:：]",
    r"""<(?:tool|function|call|action|invoke)\b[^<>\n]{0,80}["']NAME["'][^<>\n]{0,400}>""",
)
"""How an offered tool is called beside: as a command, in brackets, on labelled lines, as one tag"""
_OBJECT = (
    r"""["'`>]?[ \t]{0,4}(?:[:=>]|with(?: (?:the )?(?:arguments|parameters|args|input)?:?)?|を?引数)?"""
    r"""\s{0,8}\{\s{0,20}["']"""
)
_NAMED = r"""["'](?:name|function|tool|tool_name|action|function_name)["']\s{0,8}:\s{0,8}"""
_KEYED = re.compile(
    r"^[ \t`]{0,8}[\[{]\s{0,20}\{?\s{0,20}" + _NAMED + r"""["'{].{0,400}?["'](?:arguments|parameters|args|tool_input"""
    r"""|action_input|params)["']\s{0,8}:\s{0,8}["']?\s{0,8}[{\[]""",
    re.DOTALL | re.MULTILINE,
)
_INLINE = re.compile(r"(?<!`)`(?!`)[^`\n]{1,500}`(?!`)(?=.)")
"""Code in a sentence, which speaks of a call"""
_DEFINES = re.compile(r"""["']properties["']\s{0,8}:\s{0,8}\{""")
"""What the definition of a tool holds, and no call"""
_ANNOUNCED = re.compile(r"(?<=[:：])(\s{0,4})`([^`\n]{1,500})`")
"""Code behind a colon: what the sentence announces"""
_LOOKED_AT = 20_000


def looks_like_call(text: str, tools: Tools) -> bool:
    """Tell whether a text holds what only calls look like.

    An offered tool with arguments, or JSON with a call's keys.

    In a sentence a name in backticks, or without values, is only spoken of; JSON counts where it begins its line, or
    names an offered tool.
    """
    head = text[:_LOOKED_AT]
    if "`" in head:
        head = _ANNOUNCED.sub(lambda one: one[0] if "..." in one[2] or "…" in one[2] else one[1] + one[2], head)
        head = _INLINE.sub("", head)
    if "<" in head and any(_is_tag(re.escape(name), head) for name in tools if name in head):
        return True
    named = [re.escape(name) for name in tools if name in head]
    if any(re.search(way.replace("NAME", name), head) for name in named for way in _WRITTEN):
        return True
    if "(" not in head and "{" not in head:
        return False
    defines = _DEFINES.search(head) is not None
    if _BEGINS.match(head) or ("{" in head and not defines and _KEYED.search(head)):
        return True
    return any(_is_used(name, head, defines=defines) for name in named)


def _is_tag(name: str, text: str) -> bool:
    """Whether a tool is called by tags of no known format: `<f><city>…</city></f>`, `<name>f</name>`."""
    own = rf"<{name}>\s{{0,20}}<\w{{1,60}}>[^<]{{0,2000}}</\w{{1,60}}>"
    return re.search(rf"{own}|<(?:\w{{1,20}}_)?(?:name|function|tool)>\s{{0,8}}{name}\s{{0,8}}</", text) is not None


def _is_used(name: str, text: str, *, defines: bool) -> bool:
    """Whether a text calls a tool; where it repeats the definition of one, its JSON is no call."""
    ways = [rf"(?<![\w.`])(?<!def ){name}{_QUOTED}{_ARGUMENTS}"]
    if not defines:
        ways += [rf"(?<![\w.]){name}{_OBJECT}", rf"""{_NAMED}["']{name}["']"""]
    return any(re.search(way, text) for way in ways)
