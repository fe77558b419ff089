"""What an error tells, taken apart once: Spark's class and parameters, the query, the learner's expression."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from helpers.exercises.words.query import Query, parsed_until
from helpers.exercises.words.source import code_words, place

# The last line of a Python traceback within a message of Spark.
_INNER = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception|Iteration): .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Facts:
    """An error, taken apart.

    error: its Python class. condition, parameters: Spark's, plain (without quotes), "" and {} for Python's own.
    operator: the DataFrame call at which Spark stopped, such as `__and__`. part: the SQL text at which it stopped.
    query: the SQL that it could not parse. statement: the whole SQL, where known. node: the learner's expression.
    missing, holder: the name that was not found, and the type or module that lacks it. message: the first line.
    inner: the error that a function of the learner's own met on Spark's side. typed: what Python could not read, as
    words.
    """

    error: str
    condition: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    operator: str = ""
    part: Query = field(default_factory=Query)
    query: Query = field(default_factory=Query)
    statement: Query = field(default_factory=Query)
    node: ast.AST | None = None
    missing: str = ""
    holder: str = ""
    message: str = ""
    inner: str = ""
    typed: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """The name of the function or method that the learner's expression calls, or ""."""
        return name_of(self.node.func) if isinstance(self.node, ast.Call) else ""

    @property
    def calls_a_column(self) -> bool:
        """Was a column called like a function? Over Spark Connect so is every method that nobody knows."""
        return self.error == "TypeError" and "'Column' object is not callable" in self.message

    @property
    def asked(self) -> str:
        """The name of the call whose result the learner's expression uses: `show` in `df.show().count()`, or ""."""
        value = self.node.func if isinstance(self.node, ast.Call) else self.node
        inner = value.value if isinstance(value, ast.Attribute | ast.Subscript) else value
        return name_of(inner.func) if isinstance(inner, ast.Call) else ""

    @property
    def routine(self) -> str:
        """The function or the bare name that nobody knows, in small letters, or ""."""
        if self.condition == "UNRESOLVED_ROUTINE":
            return self.parameters.get("routineName", "").lower()
        if self.condition == "UNRESOLVABLE_TABLE_VALUED_FUNCTION":
            return self.parameters.get("name", "").lower()
        if self.condition.startswith("UNRESOLVED_COLUMN."):
            return self.parameters.get("objectName", "").lower()
        return self.missing.lower() if self.error == "NameError" or self.holder == "functions" else ""

    def about(self, *conditions: str) -> bool:
        """Is it one of these classes of Spark, or of their subclasses?"""
        return any(self.condition == one or self.condition.startswith(f"{one}.") for one in conditions)


def facts(error: BaseException, sql: str | None = None) -> Facts:
    """The facts of an error. sql: the text of the query, where the learner wrote one."""
    condition, parameters, contexts = _told_by_spark(error)
    message = str(error)
    where = place(error)
    node = where.node if where else None
    query = parsed_until(message) if condition == "PARSE_SYNTAX_ERROR" else Query()
    return Facts(
        error=type(error).__name__,
        condition=condition,
        parameters={name: plain(value) for name, value in parameters.items()},
        operator=next((one.fragment() for one in contexts if one.contextType().name == "DataFrame"), ""),
        part=Query(next((one.fragment() for one in contexts if one.contextType().name == "SQL"), "")),
        query=query,
        statement=Query(sql or _literal(node) or query.text),
        node=node,
        missing=str(getattr(error, "name", None) or parameters.get("attr_name", "")),
        holder=_holder(error),
        message=next((line.strip() for line in message.splitlines() if line.strip()), ""),
        inner=next(iter(_INNER.findall(message)), "") if type(error).__name__ == "PythonException" else "",
        typed=code_words(error.text or "") if isinstance(error, SyntaxError) else (),
    )


def plain(value: str) -> str:
    """A parameter as Spark writes it, without the quotes around names and values."""
    text = value.replace("`", "")
    if text.startswith(('"', "(", "[")):
        # Types and expressions, often several.
        return text.replace('"', "").strip("[]")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def name_of(node: ast.AST | None) -> str:
    """The last name of `a.b.c` or of `c`, or ""."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _told_by_spark(error: BaseException) -> tuple[str, Mapping[str, str], list[Any]]:
    from pyspark.errors import PySparkException

    if isinstance(error, PySparkException):
        return error.getCondition() or "", error.getMessageParameters() or {}, list(error.getQueryContext() or [])
    if type(error).__name__ == "Py4JJavaError":
        # Classic PySpark leaves some errors of Spark as Java's; what is not Spark's has no such method.
        with suppress(Exception):
            return str(error.java_exception.getCondition() or ""), {}, []  # type: ignore[attr-defined]
    return "", {}, []


def _holder(error: BaseException) -> str:
    if not isinstance(error, AttributeError):
        return ""
    owner = getattr(error, "obj", None)
    return owner.__name__.rpartition(".")[2] if isinstance(owner, ModuleType) else type(owner).__name__


def _literal(node: ast.AST | None) -> str:
    """The text in `spark.sql("...")`, wherever in the expression that is."""
    for one in ast.walk(node) if node else ():
        if isinstance(one, ast.Call) and name_of(one.func) == "sql" and one.args:
            first = one.args[0]
            return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    return ""
