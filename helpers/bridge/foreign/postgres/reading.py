"""PostgreSQL's SQL as sqlglot reads it, but for what it reads otherwise than PostgreSQL does."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokens import TokenType

AS_WRITTEN = ("TO_CHAR", "TO_DATE", "TO_TIMESTAMP", "TO_NUMBER", "TO_HEX", "REGEXP_REPLACE")
"""Calls that stay as written: sqlglot changes their formats, flags or results."""


def _typed(parser: PostgresParser, node: exp.Expr, kind: exp.DataType) -> exp.Expr:
    """The constant of a type, with the casts behind it around it."""
    constant = node
    while isinstance(constant, exp.Cast):
        constant = constant.this
    made = exp.Cast(this=constant.copy(), to=kind)
    if constant is node:
        return made
    constant.replace(made)
    return node


class PostgresAsWritten(Postgres):
    """PostgreSQL's dialect with formats as written, prefix operators that bind loosely, CUBE of expressions."""

    class Parser(PostgresParser):
        """The parser with these differences."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {
            name: maker for name, maker in PostgresParser.FUNCTIONS.items() if name not in AS_WRITTEN
        }
        FUNCTION_PARSERS = {  # noqa: RUF012
            **PostgresParser.FUNCTION_PARSERS,
            "DATE_PART": lambda self: exp.cast(self._parse_date_part(), exp.DType.DOUBLE),
        }
        # The operand of |/ and its kin reaches over + and *, but for minus and not.
        UNARY_PARSERS = {  # noqa: RUF012
            **PostgresParser.UNARY_PARSERS,
            TokenType.PARAMETER: lambda self: exp.Abs(this=self._parse_loosely()),
            TokenType.PIPE_SLASH: lambda self: exp.Sqrt(this=self._parse_loosely()),
            TokenType.DPIPE_SLASH: lambda self: exp.Cbrt(this=self._parse_loosely()),
            TokenType.RLIKE: lambda self: exp.BitwiseNot(this=self._parse_loosely()),
        }

        # In DATE '...'::text the constant comes first; sqlglot casts the text first.
        TYPE_LITERAL_PARSERS = {  # noqa: RUF012
            **PostgresParser.TYPE_LITERAL_PARSERS,
            **dict.fromkeys((exp.DType.DATE, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ), _typed),
        }

        def _parse_loosely(self) -> exp.Expr | None:
            operand = self._parse_term()
            return exp.Paren(this=operand) if isinstance(operand, exp.Binary) else operand

        def _parse_key(self) -> exp.Expr | None:
            key = self._parse_disjunction()
            return exp.Paren(this=key) if isinstance(key, exp.Predicate | exp.Connector | exp.Not) else key

        def _parse_cube_or_rollup(self, with_prefix: bool = False) -> exp.Cube | exp.Rollup | None:
            if not with_prefix:
                for token, kind in ((TokenType.CUBE, exp.Cube), (TokenType.ROLLUP, exp.Rollup)):
                    if self._match(token):
                        return kind(expressions=self._parse_wrapped_csv(self._parse_key))
            return super()._parse_cube_or_rollup(with_prefix)
