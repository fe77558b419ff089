"""Oracle's SQL as sqlglot reads it, but for functions whose formats or names it would lose on the way."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.oracle import Oracle
from sqlglot.parsers.oracle import OracleParser
from sqlglot.tokens import TokenType

_AS_WRITTEN = ("TRUNC", "TO_CHAR", "TO_DATE", "TO_TIMESTAMP", "VARIANCE")


class WrittenOracle(Oracle):
    """Oracle's SQL with these calls as written: each is an `Anonymous` node; and with all of MERGE."""

    class Parser(OracleParser):
        """The parser without the names of these functions."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {
            name: made for name, made in OracleParser.FUNCTIONS.items() if name not in _AS_WRITTEN
        }

        def _parse_when_matched(self) -> exp.Whens:
            """WHEN ... clauses, and the DELETE WHERE that an update may end with."""
            found = super()._parse_when_matched()
            while found.expressions and self._match(TokenType.DELETE):
                found.expressions[-1].set("deleted", self._parse_where())
                if self._match(TokenType.WHEN, advance=False):
                    found.set("expressions", [*found.expressions, *super()._parse_when_matched().expressions])
            return found

        def _parse_update(self) -> exp.Update:
            """UPDATE of a table, or of a query in parentheses."""
            if not self._match(TokenType.L_PAREN, advance=False):
                return super()._parse_update()
            query = self._parse_wrapped(self._parse_select)
            alias = self._parse_table_alias(alias_tokens=self.UPDATE_ALIAS_TOKENS)
            self._match(TokenType.SET)
            sets = self._parse_csv(self._parse_update_assignment)
            where, returning = self._parse_where(), self._parse_returning()
            this = exp.Subquery(this=query, alias=alias)
            return exp.Update(this=this, expressions=sets, where=where, returning=returning)
