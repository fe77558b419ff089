"""Oracle's SQL as sqlglot reads it, but for functions whose formats or names it would lose on the way."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot.dialects.oracle import Oracle
from sqlglot.parsers.oracle import OracleParser

_AS_WRITTEN = ("TRUNC", "TO_CHAR", "TO_DATE", "TO_TIMESTAMP", "VARIANCE")


class WrittenOracle(Oracle):
    """Oracle's SQL with these calls as written: each is an `Anonymous` node."""

    class Parser(OracleParser):
        """The parser without the names of these functions."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {
            name: made for name, made in OracleParser.FUNCTIONS.items() if name not in _AS_WRITTEN
        }
