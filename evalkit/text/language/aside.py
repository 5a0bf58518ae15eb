"""What is written in no language: code, addresses, paths, marks, numbers; and names in Latin letters."""

from __future__ import annotations

import re

_FENCED = re.compile(r"(?:^|\n)[ \t]{0,3}(```|~~~)[^\n]*\n.*?(?:\n[ \t]{0,3}\1[^\n]*|\Z)", re.DOTALL)
_INLINE = re.compile(
    r"`[^`\n]{1,300}`"
    r"|\b(?:https?|ftp|file)://[^\s<>\"'）」』、。]{1,2000}|\bwww\.[\w.-]{1,200}[^\s、。]{0,500}"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    r"|(?:(?<=[\s(「\"'])|^)(?:[A-Za-z]:\\|~?/|\.{1,2}/)[\w.@%+~/\\-]{2,300}"
    r"|</?[A-Za-z][^<>\n]{0,200}>|&[a-z]{2,8};|\\[A-Za-z]{2,20}|\{\{[^{}\n]{0,80}\}\}|\$\{[^{}\n]{0,80}\}"
    r"|\b\w{1,60}\([^()\n]{0,80}\)(?=[\s。、;,]|$)|\b\w+(?:[_.]\w+){1,6}\b|--?[a-z][\w-]{1,30}(?==|\s|$)",
    re.ASCII,
)
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ][A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ0-9'’+&.-]*")


_RUN = re.compile(rf"{_WORD.pattern}(?:[ \u00a0/]{{1,2}}{_WORD.pattern}){{0,40}}")
_GRAMMAR = frozenset({
    "the", "an", "is", "are", "was", "were", "be", "been", "and", "of", "to", "you", "your", "we", "our",
    "us", "it", "its", "this", "that", "these", "those", "for", "in", "on", "with", "please", "have", "has",
    "will", "would", "can", "could", "should", "i", "me", "my", "he", "she", "they", "not", "very", "so",
    "do", "does", "did", "from", "at", "by", "if", "but", "le", "la", "les", "et", "est", "vous", "nous",
    "der", "die", "das", "und", "ist", "nicht", "el", "los", "y", "es", "en", "para", "con", "il", "che",
    "per", "un", "una", "de", "du", "des",
})  # fmt: skip
"""Words that make a run of Latin letters a sentence of a language"""


def drop_code(text: str) -> str:
    """Remove code and what is no prose from a text.

    Fenced and inline code, addresses, paths, tags, placeholders, calls and identifiers.

    >>> drop_code("実行：`pip install x`。https://example.com/a を見る").split()
    ['実行：', '。', 'を見る']
    """
    return _INLINE.sub(" ", _FENCED.sub("\n", text))


def drop_latin(text: str) -> str:
    """Remove every word in Latin letters from a text."""
    return _WORD.sub(" ", text)


_QUOTED = re.compile(r"[「『“]([^「」『』“”\n]{1,80})[」』”]")
_CITED = re.compile(
    r"[A-Za-z][ -~]{0,80}(?=\s?(?:と(?:言|い[うい]|書|訳|表[しさ]|呼|入力|打[ちつ]|答え)|を(?:実行|入力)|という"
    r"|コマンド))"
    r"|[A-Za-z_]{1,30}(?=文(?![書章])|型|関数|演算子|メソッド|クラス|ループ|タグ)"
)
"""Words of another language that a sentence speaks of, and commands"""


def drop_cited(sentence: str) -> str:
    """Remove the Latin words that a sentence quotes or speaks of.

    The sentence is one of another script.

    >>> drop_cited("「Have a nice day」は挨拶です。"), drop_cited("英語では Thank you と言います。")
    (' は挨拶です。', '英語では  と言います。')
    """
    sentence = _QUOTED.sub(lambda one: " " if _WORD.search(one[1]) and one[1].isascii() else one[0], sentence)
    return _CITED.sub(" ", sentence)


def drop_quoted_foreign(sentence: str) -> str:
    """Remove quoted words of another script from a sentence in Latin letters.

    >>> drop_quoted_foreign('"ありがとう" (arigatō) means thank you.')
    '  (arigatō) means thank you.'
    """
    plain = _FOREIGN.sub(" ", sentence)
    return plain if len(_WORD.findall(plain)) >= _ENOUGH_WORDS else sentence


_FOREIGN = re.compile(r"[「『“\"'（(][^\x00-\u024f「」『』“”\"'()（）\n]{1,40}[」』”\"'）)]")
_ENOUGH_WORDS = 3


def drop_names(sentence: str) -> str:
    """Remove names and single words in Latin letters from a sentence.

    The sentence is one of another script, in which these stay in Latin letters.

    >>> drop_names("Microsoft Windows Server 2022 です。").strip(), drop_names("OpenAI API server は便利").strip()
    ('2022 です。', 'は便利')
    >>> drop_names("これは I think so です")
    'これは I think so です'
    """
    return _RUN.sub(lambda run: " " if _is_borrowed(run.group()) else run.group(), sentence)


def _is_borrowed(run: str) -> bool:
    words = _WORD.findall(run)
    plain = [word for word in words if not _is_name(word)]
    return len(plain) <= 2 and not any(word.casefold() in _GRAMMAR for word in words if not word.isupper())


def _is_name(word: str) -> bool:
    return len(word) == 1 or any(mark.isupper() or mark.isdecimal() for mark in word)


def is_only_names(sentence: str) -> bool:
    """Tell whether Latin letters are too few to be of a language.

    OK, FAQ, Customer Support, iPhone 15 Pro.

    >>> is_only_names("Windows Server 2022"), is_only_names("The order has been shipped.")
    (True, False)
    """
    words = _WORD.findall(sentence)
    return len(words) <= 5 and all(_is_name(word) for word in words)
