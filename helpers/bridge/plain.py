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

_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "SUBSTRING", "SUBSTR", "TRIM", "POSITION", "OVERLAY")


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
            name: parser for name, parser in SparkParser.FUNCTION_PARSERS.items() if name in _SYNTAX
        }

    class Generator(SparkGenerator):
        """The generator without detours: Spark 4 has QUALIFY itself, and WITH in a query inside another."""

        # Else a name that both queries define would mean one thing for both.
        EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar[set[type[exp.Expr]]] = set()

        TRANSFORMS = {  # noqa: RUF012
            **SparkGenerator.TRANSFORMS,
            exp.Select: transforms.preprocess([transforms.unnest_to_explode]),
        }
