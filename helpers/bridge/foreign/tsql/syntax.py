"""T-SQL as sqlglot reads it, but for calls whose meaning it would lose: these stay as they are written."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.parsers.tsql import TSQLParser
from sqlglot.tokens import TokenType

# sqlglot reads `y` as a year, a pattern of .NET as one of strftime, and a day number as a text.
_AS_WRITTEN = {
    "DATEADD", "DATEDIFF", "DATEDIFF_BIG", "DATEPART", "DATENAME", "DATETRUNC", "EOMONTH", "FORMAT", "DATEFROMPARTS",
    "DATETIMEFROMPARTS", "SQUARE", "CHAR", "NCHAR",
}  # fmt: skip
_COMPOUND: dict[TokenType, type[exp.Binary]] = {
    TokenType.PLUS: exp.Add,
    TokenType.DASH: exp.Sub,
    TokenType.STAR: exp.Mul,
    TokenType.SLASH: exp.Div,
    TokenType.MOD: exp.Mod,
}
"""The operators that may stand before the = of an assignment."""


class SqlServer(TSQL):
    """T-SQL with its dates' functions as written, with `!<` and `!>`, and with FLOAT as the double that it is."""

    class Tokenizer(TSQL.Tokenizer):
        """The words of T-SQL."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            **TSQL.Tokenizer.KEYWORDS,
            "!<": TokenType.GTE,
            "!>": TokenType.LTE,
            "FLOAT": TokenType.DOUBLE,
        }

    class Parser(TSQLParser):
        """The parser without the names of these functions."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {
            name: build for name, build in TSQLParser.FUNCTIONS.items() if name not in _AS_WRITTEN
        }
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parse for name, parse in TSQLParser.FUNCTION_PARSERS.items() if name not in _AS_WRITTEN
        }

        def _parse_update(self) -> exp.Update:
            top = self._parse_top()
            made = super()._parse_update()
            if top is not None:
                made.set("limit", top)
            return made

        def _parse_update_assignment(self) -> exp.Expr | None:
            """column = value, and column += value."""
            start = self._index
            column = self._parse_column()
            kind = _COMPOUND.get(self._curr.token_type) if self._curr else None
            if (
                column is not None
                and kind is not None
                and self._match(self._curr.token_type)
                and self._match(TokenType.EQ)
            ):
                value = exp.Paren(this=self._parse_disjunction())
                return exp.EQ(this=column, expression=kind(this=column.copy(), expression=value))
            self._retreat(start)
            return super()._parse_update_assignment()

        def _parse_delete(self) -> exp.Delete:
            """DELETE, with its second FROM."""
            top = self._parse_top()
            made = super()._parse_delete()
            origin = self._parse_from(joins=True)
            if origin is not None:
                made.set("tables", [made.this])
                made.set("this", origin.this)
            if made.args.get("where") is None:
                made.set("where", self._parse_where())
            if top is not None:
                made.set("limit", top)
            return made

        def _parse_merge(self) -> exp.Merge:
            top = self._parse_top()
            made = super()._parse_merge()
            if top is not None:
                made.set("limit", top)
            return made

        def _parse_insert_table(self) -> exp.Expr | None:
            made = super()._parse_insert_table()
            if self._match_pair(TokenType.WITH, TokenType.L_PAREN):
                # Hints of the table: how it is locked, not what it gets.
                while self._curr and not self._match(TokenType.R_PAREN):
                    self._advance()
            return made

        def _parse_top(self) -> exp.Limit | None:
            if not self._match(TokenType.TOP) and not self._match_text_seq("TOP"):
                return None
            count = self._parse_wrapped(self._parse_term)
            self._match_text_seq("PERCENT")
            return exp.Limit(expression=count)
