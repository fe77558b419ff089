"""What went wrong in an answer: a sentence in the learner's words, the error's class, and the learner's own line."""

from __future__ import annotations

import linecache
import re
from dataclasses import dataclass
from types import CodeType, TracebackType

from helpers.core.errors import GridbridgeError
from helpers.exercises.words import explained, home


@dataclass(frozen=True)
class Failure:
    """An error put in words.

    sentence: plain words and, in brackets, what to search for. condition: Spark's error class, or Python's.
    instead: code that says it in Spark, "" where none is needed.
    """

    sentence: str
    condition: str
    instead: str = ""


def failure(error: BaseException, sql: str | None = None) -> Failure:
    """An error in the words of the database that the learner comes from; in Python's or Spark's where nobody has any.

    sql: the text of the query, where the answer is one.
    """
    found = explained(error, home(), sql)
    raw, condition, name = _raw(error)
    return Failure(f"{found.sentence} [{name}]", condition, found.instead) if found else Failure(raw, condition)


def _raw(error: BaseException) -> tuple[str, str, str]:
    """The error's own sentence, its class, and what one would search for."""
    from pyspark.errors import PySparkException

    kind = type(error).__name__
    if isinstance(error, GridbridgeError):
        return f"{error.cause} {error.remedy}".strip(), kind, kind
    if isinstance(error, SystemExit):
        return "The function ends the whole program (sys.exit), and a notebook with it: leave that out.", kind, kind
    # A SyntaxError's full text names the cell's file, which nobody knows.
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if isinstance(error, PySparkException):
        condition = error.getCondition() or ""
        if condition == "STREAM_FAILED":
            return f"The streaming query failed: {_of_stream(text, first)}", condition, condition
        text = first.partition("] ")[2] if condition and first.startswith("[") else first
        text = text.partition(" SQLSTATE:")[0].strip()
        return f"Spark says {condition or kind}: {text}", condition, condition or kind
    told = f"{kind}: {first}" if first else kind
    return told, kind, told


def _of_stream(text: str, first: str) -> str:
    """What a failed streaming query tells of its cause, ids, plans and traces left out; else its first line."""
    cause = text.partition("terminated with exception: ")[2].partition("=== Streaming Query ===")[0]
    _, in_python, trace = cause.partition("Traceback (most recent call last):")
    lines = [line for line in (trace or cause).splitlines() if line.strip()]
    # A trace's frames are indented; what was raised is the first line that is not.
    told = next((line for line in lines if not in_python or not line.startswith(" ")), first)
    told = re.sub(r"^([\w.]+\.)?(?=\w+: )", "", told.partition(" SQLSTATE:")[0].strip())
    return f"in the function of foreachBatch, {told}" if in_python else told


def learners_line(error: BaseException, code: CodeType | None) -> str | None:
    """As in `line 3: return ...`: the last line of this function that led to the error, its first line being 1."""
    return _line(error.__traceback__, code) or _query_line(error, code)


def _line(trace: TracebackType | None, code: CodeType | None) -> str | None:
    number = None
    while trace is not None and code is not None:
        # A helper in the same cell has lines of its own: told is where the answer calls it.
        if trace.tb_frame.f_code.co_filename == code.co_filename and trace.tb_lineno in _lines(code):
            number = trace.tb_lineno
        trace = trace.tb_next
    return _told(code, number) if code and number else None


def _query_line(error: BaseException, code: CodeType | None) -> str | None:
    """The learner's line that built the part of the query at which Spark stopped, where Spark tells it."""
    for context in getattr(error, "getQueryContext", list)():
        # Of SQL text Spark tells the fragment instead: that is in its message.
        place = context.callSite() if context.contextType().name == "DataFrame" else ""
        file, _, number = place.rpartition(":")
        if code and number.isdigit() and file and code.co_filename.endswith(file):
            return _told(code, int(number))
    return None


def _lines(code: CodeType) -> range:
    """From the first to the last line of a function, with the functions within it."""
    ends = [line for _, _, line in code.co_lines() if line]
    inner = [_lines(one).stop - 1 for one in code.co_consts if isinstance(one, CodeType)]
    return range(code.co_firstlineno, max([code.co_firstlineno, *ends, *inner]) + 1)


def _told(code: CodeType, number: int) -> str:
    text = linecache.getline(code.co_filename, number).strip()
    if number not in _lines(code):
        return f"outside of {code.co_name}: {text}"
    place = f"line {number - code.co_firstlineno + 1}"
    return f"{place}: {text}" if text else place
