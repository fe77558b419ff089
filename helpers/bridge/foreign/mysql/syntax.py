"""MySQL as sqlglot reads it, with REPLACE and the words between a verb and its table."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.parsers.mysql import MySQLParser
from sqlglot.tokens import TokenType

_HASTE = ("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK")
"""Words that say when a statement runs, not what it does."""


class MySqlAsWritten(MySQL):
    """MySQL's dialect with REPLACE INTO as an INSERT."""

    class Tokenizer(MySQL.Tokenizer):
        """REPLACE is no command of which the rest is not read."""

        COMMANDS: ClassVar[set[TokenType]] = MySQL.Tokenizer.COMMANDS - {TokenType.REPLACE}

    class Parser(MySQLParser):
        """The parser with these statements."""

        STATEMENT_PARSERS: ClassVar[dict[TokenType, Any]] = {
            **MySQLParser.STATEMENT_PARSERS,
            TokenType.REPLACE: lambda self: self._parse_replacing(),
        }

        def _parse_replacing(self) -> exp.Expr:
            made = self._parse_insert()
            made.set("alternative", "REPLACE")
            return made

        def _parse_insert(self) -> exp.Insert | exp.MultitableInserts:
            self._match_texts(_HASTE)
            return super()._parse_insert()

        def _parse_update(self) -> exp.Update:
            self._match_texts(_HASTE)
            ignore = self._match(TokenType.IGNORE)
            made = super()._parse_update()
            if ignore:
                made.set("ignore", True)
            return made

        def _parse_delete(self) -> exp.Delete:
            self._match_texts(_HASTE)
            ignore = self._match(TokenType.IGNORE)
            made = super()._parse_delete()
            if ignore:
                made.set("ignore", True)
            return made
