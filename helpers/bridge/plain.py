"""Spark's SQL as sqlglot reads it, but for one thing: a call stays the call that was written.

sqlglot's own Spark dialect turns names into nodes of its own (`nvl` into COALESCE, `to_date` into a conversion), and
each such turn would have to be undone. Here only what has a syntax of its own becomes a node: CAST, EXTRACT, TRIM ...
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp, transforms
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator
from sqlglot.parsers.spark import SparkParser
from sqlglot.tokens import TokenType

_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "SUBSTRING", "TRIM", "POSITION", "OVERLAY")


def _substr(parser: Any) -> exp.Expr:
    """SUBSTR(text, start, length) as the call that it is: Spark names its column otherwise than that of SUBSTRING."""
    begin = parser._index
    node: exp.Expr = parser._parse_substring()
    if any(token.token_type is TokenType.FROM for token in parser._tokens[begin : parser._index]):
        return node
    parts = [node.args[key] for key in ("this", "start", "length") if node.args.get(key) is not None]
    return exp.Anonymous(this="substr", expressions=parts)


class PlainSpark(Spark):
    """Spark SQL with calls as written: each is an `Anonymous` node."""

    class Tokenizer(Spark.Tokenizer):
        """Spark 4 takes a doubled quote for one quote; sqlglot still glues two strings together."""

        STRING_ESCAPES = ["\\", "'", '"']  # noqa: RUF012 (sqlglot's own way to configure a dialect)

    class Parser(SparkParser):
        """The parser without the names of functions."""

        # Else a comma would not be told from CROSS JOIN; both bind alike in Spark, and so they do here.
        JOINS_HAVE_EQUAL_PRECEDENCE = False
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS = {  # noqa: RUF012
            **{name: parser for name, parser in SparkParser.FUNCTION_PARSERS.items() if name in _SYNTAX},
            "SUBSTR": _substr,
        }

    class Generator(SparkGenerator):
        """The generator without detours: Spark 4 has QUALIFY itself, and WITH in a query inside another."""

        # Else a name that both queries define would mean one thing for both.
        EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar[set[type[exp.Expr]]] = set()

        TRANSFORMS = {  # noqa: RUF012
            **SparkGenerator.TRANSFORMS,
            exp.Select: transforms.preprocess([transforms.unnest_to_explode]),
        }
