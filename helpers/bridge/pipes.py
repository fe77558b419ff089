"""Pipe syntax as queries within each other: each operator is a SELECT of what the ones before it make.

sqlglot's own reading puts clauses of later operators into one SELECT, where a filter after a limit would come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlglot import exp
from sqlglot.parsers.spark import SparkParser
from sqlglot.tokens import TokenType

SETS_A_COLUMN = "sets a column"
"""Marks the star of |> SET: Spark itself has no star that replaces columns."""


class Pipes(SparkParser):
    """The part of the parser that reads what follows `|>`."""

    def _parse_pipe_syntax_query(self, query: exp.Query) -> exp.Query:
        state: exp.Expr = query
        while self._match(TokenType.PIPE_GT):
            state = self._operator(state)
        assert isinstance(state, exp.Query)
        return state

    def _operator(self, state: exp.Expr) -> exp.Query:
        word = self._curr.text.upper() if self._curr else ""
        own: dict[str, Callable[[exp.Expr], exp.Query]] = {
            "SELECT": self._selected, "EXTEND": self._extended, "SET": self._set, "DROP": self._dropped,
            "AS": self._named, "AGGREGATE": self._aggregated, "WHERE": self._where, "ORDER BY": self._ordered,
            "LIMIT": self._limited, "OFFSET": self._limited, "PIVOT": self._turned, "UNPIVOT": self._turned,
            "TABLESAMPLE": self._sampled,
        }  # fmt: skip
        if word in own:
            return own[word](state)
        return self._combined(state) or self._joined(state) or self._unknown(word)

    def _unknown(self, word: str) -> exp.Query:
        self.raise_error(f"Unsupported pipe syntax operator: '{word}'.")
        raise AssertionError("raise_error() came back")

    def _selected(self, state: exp.Expr) -> exp.Query:
        made = self._parse_select_query(parse_set_operation=False)
        if not isinstance(made, exp.Select) or made.args.get("from_") is not None:
            return self._unknown("SELECT")
        for key, value in _open(state, "from_", "joins", "laterals", "where").args.items():
            if value and key != "expressions":
                made.set(key, value)
        return made

    def _extended(self, state: exp.Expr) -> exp.Query:
        self._advance()
        items = self._parse_expressions()
        return _with_items(_open(state, "from_", "joins", "laterals", "where"), [exp.Star(), *items])

    def _set(self, state: exp.Expr) -> exp.Query:
        self._advance()
        assignments = self._parse_csv(self._assignment)
        if not assignments or not all(isinstance(one, exp.EQ) for one in assignments):
            return self._unknown("SET")
        for assignment in assignments:
            # Each assignment sees the columns that those before it have changed.
            star = exp.Star(replace=[exp.alias_(assignment.expression, assignment.this.this)])
            star.meta[SETS_A_COLUMN] = True
            state = _with_items(_open(state, "from_", "joins", "laterals", "where"), [star])
        assert isinstance(state, exp.Query)
        return state

    def _assignment(self) -> exp.Expr | None:
        column = self._parse_column()
        if not isinstance(column, exp.Column) or not self._match(TokenType.EQ):
            return column
        # What is assigned may be a comparison itself.
        return exp.EQ(this=column, expression=self._parse_disjunction())

    def _dropped(self, state: exp.Expr) -> exp.Query:
        self._advance()
        names = self._parse_csv(self._parse_id_var)
        return _with_items(_open(state, "from_", "joins", "laterals", "where"), [exp.Star(except_=names)])

    def _named(self, state: exp.Expr) -> exp.Query:
        self._advance()
        alias = self._parse_id_var(any_token=True)
        inner = _around(state)
        inner.set("alias", exp.TableAlias(this=alias))
        return _star(inner)

    def _aggregated(self, state: exp.Expr) -> exp.Query:
        self._advance()
        results = self._parse_expressions()
        keys: list[exp.Expr] = []
        if self._match(TokenType.GROUP_BY):
            keys = self._parse_expressions()
        made = _with_items(_open(state, "from_", "joins", "laterals", "where"), [*keys, *results])
        if keys:
            # Not by the alias: a column of the input may have the name.
            plain = [one.this.copy() if isinstance(one, exp.Alias) else one.copy() for one in keys]
            made.set("group", exp.Group(expressions=plain))
        return made

    def _where(self, state: exp.Expr) -> exp.Query:
        made = _open(state, "from_", "joins", "laterals")
        made.set("where", self._parse_where())
        return made

    def _ordered(self, state: exp.Expr) -> exp.Query:
        made = _open(state, "from_", "joins", "laterals", "where")
        made.set("order", self._parse_order())
        return made

    def _limited(self, state: exp.Expr) -> exp.Query:
        made = _open(state, "from_", "joins", "laterals", "where", "order")
        if limit := self._parse_limit():
            made.set("limit", limit)
        if offset := self._parse_offset():
            made.set("offset", offset)
        return made

    def _turned(self, state: exp.Expr) -> exp.Query:
        inner = _around(state)
        inner.set("pivots", self._parse_pivots())
        return _star(inner)

    def _sampled(self, state: exp.Expr) -> exp.Query:
        inner = _around(state)
        inner.set("sample", self._parse_table_sample())
        return _star(inner)

    def _combined(self, state: exp.Expr) -> exp.Query | None:
        kinds: dict[TokenType, Any] = {TokenType.UNION: exp.Union, TokenType.EXCEPT: exp.Except,
                                       TokenType.INTERSECT: exp.Intersect}  # fmt: skip
        kind = kinds.get(self._curr.token_type) if self._curr else None
        if kind is None:
            return None
        self._advance()
        distinct = not self._match(TokenType.ALL)
        self._match(TokenType.DISTINCT)
        other = self._parse_select(nested=True, parse_set_operation=False, consume_pipe=False)
        if other is None:
            return self._unknown("UNION")
        made = kind(this=_closed(state), expression=other, distinct=distinct)
        assert isinstance(made, exp.Query)
        return made

    def _joined(self, state: exp.Expr) -> exp.Query | None:
        join = self._parse_join()
        if join is None:
            return None
        made = _open(state, "from_", "joins", "laterals")
        made.append("joins", join)
        return made


def _open(state: exp.Expr, *keys: str) -> exp.Select:
    """A SELECT * that has no other clauses than these: the state itself, or one around it."""
    if isinstance(state, exp.Select) and _bare(state, keys):
        return state
    return _star(_around(state))


def _bare(select: exp.Select, keys: Iterable[str]) -> bool:
    items = select.expressions
    plain = len(items) == 1 and isinstance(items[0], exp.Star) and not any(items[0].args.values())
    return plain and all(not value or key in (*keys, "expressions") for key, value in select.args.items())


def _star(source: exp.Expr) -> exp.Select:
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=source))


def _with_items(select: exp.Select, items: list[exp.Expr]) -> exp.Select:
    select.set("expressions", items)
    return select


def _around(state: exp.Expr) -> exp.Expr:
    """What the state is to be read from: its own table where it is nothing but that, else a derived table."""
    if isinstance(state, exp.Select) and _bare(state, ("from_",)):
        source = state.args["from_"].this
        assert isinstance(source, exp.Expr)
        if not any(source.args.get(key) for key in ("pivots", "sample", "joins")):
            return source
    made = exp.Subquery(this=state)
    # A filter, an order or a limit leaves the table's name to tell its columns by.
    if isinstance(state, exp.Select) and _bare(state, ("from_", "where", "order", "limit", "offset")):
        source = state.args["from_"].this
        if source.alias_or_name:
            made.set("alias", exp.TableAlias(this=exp.to_identifier(source.alias_or_name)))
    return made


def _closed(state: exp.Expr) -> exp.Expr:
    keys = ("order", "limit", "offset", "with_")
    return exp.Subquery(this=state) if any(state.args.get(key) for key in keys) else state
