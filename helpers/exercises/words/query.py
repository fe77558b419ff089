"""SQL text as words, so that a keyword is never found inside a literal, a quoted name or a comment."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

_WORD = re.compile(r"\S+")
# How Spark ends the message of a parse error: the place, and the query with a line of - and ^ under that place.
_PARSE = re.compile(r"\(line (\d+), pos (\d+)\)\s*== SQL ==\n(.*?)(?:\n\nJVM stacktrace:.*)?\Z", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """SQL text, and the character at which the parser stopped (-1 = it did not)."""

    text: str = ""
    at: int = -1

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Keywords and names in capitals; literals and quoted names as written, quotes included. () if unreadable."""
        return tuple(word for _, word in self._placed)

    def stops_at(self, *pattern: str) -> bool:
        """Does this run of words stand at the place where the parser stopped? A `0` stands for any number."""
        size = len(pattern)
        begins = range(max(0, self._stop - size + 1), self._stop + 1) if self._stop >= 0 else ()
        return any(_alike(self.words[begin : begin + size], pattern) for begin in begins)

    def has(self, *pattern: str) -> bool:
        """Does this run of words stand anywhere?"""
        return has_run(self.words, *pattern)

    def inside(self, functions: Collection[str]) -> bool:
        """Did the parser stop within the parentheses of a call of one of these functions?"""
        calls: list[str] = []
        for before, word in zip(("", *self.words), self.words[: max(0, self._stop)], strict=False):
            if word == "(":
                calls.append(before)
            elif word == ")" and calls:
                calls.pop()
        return bool(calls) and calls[-1] in functions

    @cached_property
    def _stop(self) -> int:
        if self.at < 0:
            return -1
        ends = (place + len(word) for place, word in self._placed)
        return next((at for at, end in enumerate(ends) if end > self.at), len(self._placed))

    @cached_property
    def _placed(self) -> tuple[tuple[int, str], ...]:
        return tuple(_words(self.text))


def has_run(words: tuple[str, ...], *pattern: str) -> bool:
    """Does this run of words stand anywhere among them? A `0` stands for any number."""
    size = len(pattern)
    return any(_alike(words[begin : begin + size], pattern) for begin in range(len(words) - size + 1))


def parsed_until(message: str) -> Query:
    """The query that a parse error of Spark quotes, and where the parser stopped; empty if it quotes none."""
    found = _PARSE.search(message)
    if found is None:
        return Query()
    line, column = int(found[1]), int(found[2])
    lines = found[3].rstrip("\n").split("\n")
    # The line that points stands after the one that it points into.
    text = "\n".join([*lines[:line], *lines[line + 1 :]])
    return Query(text, sum(len(one) + 1 for one in lines[: line - 1]) + column)


def _words(text: str) -> Iterator[tuple[int, str]]:
    # With the first error in a query, not with the first cell of a lesson.
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        tokens = sqlglot.tokenize(text, read="spark")
    except SqlglotError:
        return
    for token in tokens:
        raw = text[token.start : token.end + 1]
        if raw[:1] in "'\"`":
            yield token.start, raw
        else:
            # Some keywords of two words are one token.
            for part in _WORD.finditer(raw):
                yield token.start + part.start(), part[0].upper()


def _alike(words: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(words) == len(pattern) and all(
        word == wanted or (wanted == "0" and word.isdigit()) for word, wanted in zip(words, pattern, strict=True)
    )
