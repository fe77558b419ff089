"""T-SQL as sqlglot reads it, but for calls whose meaning it would lose: these stay as they are written."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot.dialects.tsql import TSQL
from sqlglot.parsers.tsql import TSQLParser
from sqlglot.tokens import TokenType

# sqlglot reads `y` as a year, a pattern of .NET as one of strftime, and a day number as a text.
_AS_WRITTEN = {
    "DATEADD", "DATEDIFF", "DATEDIFF_BIG", "DATEPART", "DATENAME", "DATETRUNC", "EOMONTH", "FORMAT", "DATEFROMPARTS",
    "DATETIMEFROMPARTS", "SQUARE", "CHAR", "NCHAR",
}  # fmt: skip


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
