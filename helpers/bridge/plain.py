"""Spark's SQL as sqlglot reads it, but for one thing: a call stays the call that was written.

sqlglot's own Spark dialect turns names into nodes of its own (`nvl` into COALESCE, `to_date` into a conversion), and
each such turn would have to be undone. Here only what has a syntax of its own becomes a node: CAST, EXTRACT, TRIM ...
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

from sqlglot import exp, transforms
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator
from sqlglot.parsers.spark import SparkParser
from sqlglot.tokens import Token, TokenType

from helpers.bridge.pipes import Pipes

CALLED = "called"
"""Marks CAST(...), which Spark names otherwise than DATE '...', and holds which word a SUBSTRING was written with."""
_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "SUBSTRING", "SUBSTR", "TRIM", "POSITION", "OVERLAY")


def _marked(node: exp.Expr, how: object) -> exp.Expr:
    node.meta[CALLED] = how
    return node


def _substr(parser: Any) -> exp.Expr:
    """SUBSTR(text, start, length), whose column has a name of its own; with FROM and FOR it is SUBSTRING's."""
    begin = parser._index
    node: exp.Expr = parser._parse_substring()
    spelled = any(token.token_type is TokenType.FROM for token in parser._tokens[begin : parser._index])
    return node if spelled else _marked(node, "substr")


class PlainSpark(Spark):
    """Spark SQL with calls as written: each is an `Anonymous` node."""

    class Tokenizer(Spark.Tokenizer):
        """Spark 4 takes a doubled quote for one quote; sqlglot still glues two strings together."""

        STRING_ESCAPES = ["\\", "'", '"']  # noqa: RUF012 (sqlglot's own way to configure a dialect)

    class Parser(Pipes):
        """The parser without the names of functions."""

        COLON_IS_VARIANT_EXTRACT = True
        SUPPORTS_TABLE_QUERY = True
        # Else array(1, 2)[0] would be read as ARRAY[0].
        ARRAY_CONSTRUCTORS: ClassVar[dict[str, Any]] = {}

        # Else a comma would not be told from CROSS JOIN; both bind alike in Spark, and so they do here.
        JOINS_HAVE_EQUAL_PRECEDENCE = False
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS = {  # noqa: RUF012
            **{name: parser for name, parser in SparkParser.FUNCTION_PARSERS.items() if name in _SYNTAX},
            "SUBSTR": _substr,
        }

        def _parse_dcolon(self) -> exp.Expr | None:
            colons, number = self._prev, self._tokens[max(self._index - 2, 0)]
            kind = super()._parse_dcolon()
            # The tokenizer puts two colons into a number with a letter for its type, as in 0.25D.
            return kind if kind is None or colons.start == number.start else _marked(kind, True)

        def _parse_cast(self, strict: bool, safe: bool | None = None) -> exp.Expr:
            return _marked(super()._parse_cast(strict, safe), True)

        def parse(self, raw_tokens: list[Token], sql: str) -> list[exp.Expr | None]:
            """The trees of a text's tokens. window(...) is a call, wherever a WINDOW clause could stand as well."""
            for token, behind in pairwise(raw_tokens):
                if token.token_type is TokenType.WINDOW and behind.token_type is TokenType.L_PAREN:
                    token.token_type = TokenType.VAR
            return super().parse(raw_tokens, sql)

    class Generator(SparkGenerator):
        """The generator without detours: Spark 4 has QUALIFY itself, and WITH in a query inside another."""

        # Else a name that both queries define would mean one thing for both.
        EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar[set[type[exp.Expr]]] = set()

        TRANSFORMS = {  # noqa: RUF012
            **SparkGenerator.TRANSFORMS,
            exp.Select: transforms.preprocess([transforms.unnest_to_explode]),
        }
