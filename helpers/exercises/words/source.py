"""The expression of the learner's own code at which Python stopped, read from its source."""

from __future__ import annotations

import ast
import io
import linecache
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType

_OTHERS = ("pyspark", "py4j", "helpers", "IPython", "grpc")
"""Packages whose frames are not the learner's."""


@dataclass(frozen=True)
class Place:
    """A line of the learner's code, and the part of it at which Python stopped, None where it cannot be told."""

    file: str
    line: int
    node: ast.AST | None

    @property
    def text(self) -> str:
        """The line itself, "" where its source is not at hand."""
        return linecache.getline(self.file, self.line).strip()


def place(error: BaseException) -> Place | None:
    """Where the learner's code last was when the error came; None where no line of it was running."""
    own = [one for one in _steps(error.__traceback__) if not _foreign(one)]
    if not own:
        return None
    step = own[-1]
    code = step.tb_frame.f_code
    span = list(code.co_positions())[step.tb_lasti // 2] if step.tb_lasti >= 0 else (None,) * 4
    return Place(code.co_filename, step.tb_lineno, _node("".join(linecache.getlines(code.co_filename)), span))


def code_words(line: str) -> tuple[str, ...]:
    """The words and signs of a line of Python, as written, without literals and comments."""
    words = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type in (tokenize.NAME, tokenize.OP, tokenize.ERRORTOKEN):
                words.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        # The line ends within a parenthesis: what stands before is enough.
        pass
    return tuple(words)


def _steps(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _foreign(step: TracebackType) -> bool:
    name = str(step.tb_frame.f_globals.get("__name__", ""))
    return name.partition(".")[0] in _OTHERS


def _node(source: str, span: tuple[int | None, ...]) -> ast.AST | None:
    """The outermost node of exactly this span."""
    for node in ast.walk(_tree(source)):
        if (
            isinstance(node, ast.expr | ast.stmt)
            and (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) == span
        ):
            return node
    return None


# An answer that fails is run again and again in search of the smallest input.
@lru_cache(maxsize=4)
def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        # A cell with a magic, or no source at all.
        return ast.Module([], [])
