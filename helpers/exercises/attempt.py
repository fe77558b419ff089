"""One call of a learner's answer, whatever it does: it ends in a DataFrame, or in a sentence."""

from __future__ import annotations

import dis
import inspect
import io
from collections.abc import Callable, Collection, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from helpers.exercises.failure import failure, learners_line
from helpers.exercises.model import Answer, Exercise
from helpers.spark.frames import frames, query
from helpers.spark.limits import stoppable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MOST_ROWS = 100_000
"""An answer with more rows than this is told so instead of being compared."""
_MOST_PRINTED = 2_000
_SILENT = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP"}


class NotAttempted(Exception):
    """The function still is the blank one."""


class Refused(Exception):
    """What the answer did cannot be compared: a sentence, and the learner's line where there is one.

    condition: the error's class, "" where there was none. instead: code that says it in Spark.
    """

    def __init__(self, sentence: str, line: str | None = None, condition: str = "", instead: str = "") -> None:
        self.sentence = sentence
        self.line = line
        self.condition = condition
        self.instead = instead
        super().__init__(sentence)


@dataclass(frozen=True)
class Attempt:
    """An answer to one exercise, to be run on many inputs. printed: what its runs printed, the first one only."""

    answer: Answer | str
    exercise: Exercise
    spark: SparkSession
    _printed: list[str] = field(default_factory=list)

    @property
    def printed(self) -> str:
        """What the first run printed, cut off after some lines' length."""
        text = self._printed[0] if self._printed else ""
        return text if len(text) <= _MOST_PRINTED else text[:_MOST_PRINTED] + "…"

    def frame(self, tables: Mapping[str, pa.Table], one_partition: bool = False) -> DataFrame:
        """The DataFrame that the answer makes of these tables, not yet computed. Raises NotAttempted or Refused.

        one_partition: see `frames`.
        """
        return self.frame_on(frames(self.spark, tables, one_partition))

    def frame_on(self, given: Mapping[str, DataFrame]) -> DataFrame:
        """The same of tables that are DataFrames already."""
        if isinstance(self.answer, str):
            return self._sql(self.answer, given)
        if blank(self.answer):
            raise NotAttempted
        names, missing = asked(self.answer, self.exercise.tables)
        if missing:
            tables = ", ".join(self.exercise.tables)
            raise Refused(
                f"The parameter {missing} is no table of this exercise; its tables are {tables}.",
                self.exercise.signature,
            )
        result = called(self.answer, {name: given[name] for name in names}, self._printed)
        return self._frame_of(result, given)

    def table(self, tables: Mapping[str, pa.Table]) -> pa.Table:
        """The answer's rows on these tables. Raises NotAttempted or Refused."""
        frame = self.frame(tables)
        try:
            return frame.toArrow()
        except Exception as error:
            raise refusal(error, self.answer) from error

    def _frame_of(self, result: Any, given: Mapping[str, DataFrame]) -> DataFrame:
        from pyspark.sql import DataFrame

        if isinstance(result, str):
            return self._sql(result, given)
        if not isinstance(result, DataFrame):
            raise Refused(_no_frame(result))
        if _session(result.sparkSession) != _session(self.spark):
            raise Refused(
                "The DataFrame belongs to another Spark session: build it from the tables that are passed in."
            )
        return result

    def _sql(self, text: str, given: Mapping[str, DataFrame]) -> DataFrame:
        if not self.exercise.sql_allowed:
            raise Refused("This exercise wants DataFrame code: return a DataFrame, not SQL text.")
        if not text.strip():
            raise NotAttempted
        try:
            return query(self.spark, text, given)
        except Exception as error:
            raise refusal(error, self.answer, text) from error


def blank(answer: Callable[..., Any]) -> bool:
    """True for a body of `...`, `pass`, a docstring or `return None`: nothing was attempted."""
    code = getattr(answer, "__code__", None)
    if code is None:
        return False
    steps = list(dis.get_instructions(code))
    constants = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    return all(step.opname in _SILENT for step in steps) and all(value in (None, ...) for value in constants)


def asked(answer: Answer, offered: Collection[str]) -> tuple[list[str], str]:
    """Which of the offered names a function asks for, and the first one that it needs and nobody offers, or ""."""
    names = []
    for name, parameter in inspect.signature(answer).parameters.items():
        if name in offered:
            names.append(name)
        elif parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        ):
            return names, name
    return names, ""


def called(answer: Answer, arguments: Mapping[str, Any], printed: list[str]) -> Any:
    """What a function returns; what it prints is put at the end of `printed`. Raises NotAttempted or Refused."""
    out = io.StringIO()
    try:
        with redirect_stdout(out):
            return stoppable(answer, arguments)
    except BaseException as error:
        if type(error) is NotImplementedError and not error.args and _raised_in(error) is _code(answer):
            # As editors write a blank body. Spark has a subclass for what it cannot do over Connect.
            raise NotAttempted from None
        if not isinstance(error, Exception) and not _ends_by_itself(error, answer):
            raise
        raise refusal(error, answer) from error
    finally:
        printed.append(out.getvalue())


def _ends_by_itself(error: BaseException, answer: Answer) -> bool:
    """True for sys.exit, and for what a `raise` in the answer's own file raised: Ctrl-C is neither."""
    if isinstance(error, SystemExit):
        return True
    where, own, trace = _raised_in(error), _code(answer), _last(error)
    if where is None or own is None or trace is None or where.co_filename != own.co_filename:
        return False
    return any(one.offset == trace.tb_lasti and one.opname == "RAISE_VARARGS" for one in dis.get_instructions(where))


def _code(answer: Answer) -> CodeType | None:
    return getattr(answer, "__code__", None)


def _raised_in(error: BaseException) -> CodeType | None:
    trace = _last(error)
    return None if trace is None else trace.tb_frame.f_code


def _last(error: BaseException) -> TracebackType | None:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def refusal(error: BaseException, answer: Answer | str, sql: str | None = None) -> Refused:
    """What an answer raised, in the learner's words, with its line. sql: the query, where the answer made one."""
    found = failure(error, answer if isinstance(answer, str) else sql)
    return Refused(
        found.sentence, learners_line(error, getattr(answer, "__code__", None)), found.condition, found.instead
    )


def _no_frame(result: Any) -> str:
    kind = type(result).__name__
    known = {
        "NoneType": "The function returns nothing: its last line needs `return`.",
        "Column": "The function returns a Column, a mere expression: select it from a table and return that.",
        "GroupedData": "The function returns groups without an aggregate: add .agg(...) and return that.",
        "list": "The function returns a list: leave out .collect() and return the DataFrame itself.",
        "Row": "The function returns a Row: leave out .first() or .head() and return the DataFrame itself.",
        "int": "The function returns a number: an answer is a DataFrame, even of one row and one column.",
    }
    if kind in known:
        return known[kind]
    if type(result).__module__.startswith("pandas"):
        return "The function returns a pandas frame: leave out .toPandas() and return the Spark DataFrame."
    return f"The function returns a {kind}: it must return a DataFrame."


def _session(spark: Any) -> object:
    # Two wrappers of one Connect session are the same session.
    return getattr(spark, "session_id", None) or id(getattr(spark, "_jsparkSession", spark))
