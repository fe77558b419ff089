"""What went wrong in an answer: a sentence, Spark's error class, and the learner's own line."""

from __future__ import annotations

import linecache
from types import CodeType, TracebackType


def error_words(error: BaseException) -> tuple[str, str]:
    """One sentence on an error, and Spark's error class ("" for errors of Python)."""
    from pyspark.errors import PySparkException

    first = next((line for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, PySparkException):
        condition = error.getCondition() or ""
        text = first.partition("] ")[2] if condition and first.startswith("[") else first
        text = text.partition(" SQLSTATE:")[0].strip()
        return f"Spark says {condition or type(error).__name__}: {text}", condition
    return f"{type(error).__name__}: {first}" if first else type(error).__name__, type(error).__name__


def learners_line(error: Exception, code: CodeType | None) -> str | None:
    """As in `line 3: return ...`: the last line of this code that led to the error, its first line being 1."""
    return _line(error.__traceback__, code) or _query_line(error, code)


def _line(trace: TracebackType | None, code: CodeType | None) -> str | None:
    number = None
    while trace is not None and code is not None:
        if trace.tb_frame.f_code.co_filename == code.co_filename:
            number = trace.tb_lineno
        trace = trace.tb_next
    return _told(code, number) if code and number else None


def _query_line(error: Exception, code: CodeType | None) -> str | None:
    """The learner's line that built the part of the query at which Spark stopped, where Spark tells it."""
    for context in getattr(error, "getQueryContext", list)():
        # Of SQL text Spark tells the fragment instead: that is in its message.
        place = context.callSite() if context.contextType().name == "DataFrame" else ""
        file, _, number = place.rpartition(":")
        if code and number.isdigit() and file and code.co_filename.endswith(file):
            return _told(code, int(number))
    return None


def _told(code: CodeType, number: int) -> str:
    text = linecache.getline(code.co_filename, number).strip()
    place = f"line {number - code.co_firstlineno + 1}"
    return f"{place}: {text}" if text else place
