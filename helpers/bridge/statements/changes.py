"""UPDATE and DELETE that read more than the row they change, as MERGE of the rows that say what changes.

Delta's UPDATE, DELETE and MERGE take no subquery, and a table need not have a key. So the columns of the table that
the statement reads are selected, each combination once, with the values they lead to; a row of the table is merged
with the one combination that is its own, NULL being like NULL. Rows that are alike change alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from helpers.bridge.joins import conjuncts
from helpers.bridge.refusal import refuse
from helpers.bridge.statements.reads import Columns, Reads

Assignment = tuple[exp.Expr, exp.Expr]
"""A column and the value that it gets."""
KEY = "key"
"""In the meta of an equality by which a row finds its own combination."""
CHANCE = {"rand", "random", "randn", "uuid", "newid", "gen_random_uuid", "nextval", "monotonically_increasing_id"}


@dataclass(frozen=True)
class Change:
    """An UPDATE (sets: column and value, in their order) or a DELETE (None), of any dialect.

    table: the one that is written, under its alias; origin: FROM with its joins, the table among them, or None;
    others: the other sources, if they are inner joined only, with their conditions in `where`.
    """

    table: exp.Table
    sets: Sequence[Assignment] | None
    where: exp.Expr | None = None
    origin: exp.From | None = None
    joins: Sequence[exp.Join] = ()
    others: Sequence[exp.Expr] = ()
    known: Columns = field(default_factory=dict)

    @property
    def reads(self) -> Reads:
        """What its columns mean."""
        sources = _sources(self.origin, self.joins)
        alias = self.table.alias or self.table.name
        outside = [one for one in (*self.others, *sources) if one.alias_or_name.lower() != alias.lower()]
        return Reads(alias, self.table.name, tuple(outside), self.known)

    @property
    def plain(self) -> bool:
        """Whether it reads nothing but the row it changes."""
        return self.origin is None and not self.others and not any(one.find(exp.Query) for one in self._parts())

    def merged(self) -> exp.Merge:
        """The MERGE that makes the same changes."""
        if self.origin is None and len(self.others) == 1 and not any(one.find(exp.Query) for one in self._parts()):
            return self._merge(self.others[0].copy(), self.where, self.sets)
        return self._by_combination()

    def _parts(self) -> list[exp.Expr]:
        return [*(one for _, one in self.sets or ()), *([self.where] if self.where is not None else [])]

    def _by_combination(self) -> exp.Merge:
        reads = self.reads
        self._refuse_chance()
        # What the row itself tells stays in the update.
        computed = [(name, one) for name, one in self.sets or () if not reads.only(one)]
        needed = [one for _, one in computed]
        tests = conjuncts(self.where)
        asking = [one for one in tests if one.find(exp.Query)]
        alone = self.origin is None and not self.others
        if alone and not reads.columns([*needed, *asking]):
            # Nothing that is asked depends on the row: its own condition stays with the merge.
            own = [one for one in tests if one not in asking]
            return self._by(computed, [], {"where": _where(asking)}, own)
        joined = [one.args["on"] for one in self.joins if one.args.get("on") is not None]
        keys = reads.columns([*needed, *tests, *joined])
        keys += [one.name for join in self.joins for one in join.args.get("using") or [] if one.name not in keys]
        if self.origin is not None:
            origin: dict[str, Any] = {"from_": self.origin.copy(), "joins": [one.copy() for one in self.joins]}
        else:
            joins = [exp.Join(this=one.copy()) for one in self.others]
            origin = {"from_": exp.From(this=self.table.copy()), "joins": joins}
        clauses = {**origin, "where": _where(tests), "distinct": exp.Distinct()}
        return self._by(computed, keys, clauses, [])

    def _by(
        self, computed: Sequence[Assignment], keys: list[str], clauses: dict[str, Any], own: Sequence[exp.Expr]
    ) -> exp.Merge:
        """The merge of a query that gives the keys and the computed values."""
        alias = self.table.alias or self.table.name
        name_of_rows = "changes" if self.table.name.lower() != "changes" else "changed_rows"
        new: dict[int, str] = {}
        for name, one in computed:
            new[id(one)] = f"new_{name.name}"
            while new[id(one)].lower() in {key.lower() for key in keys}:
                new[id(one)] = f"new_{new[id(one)]}"
        items: list[exp.Expr] = [exp.column(one, alias) for one in keys]
        items += [exp.Alias(this=one.copy(), alias=exp.to_identifier(new[id(one)])) for _, one in computed]
        query = exp.Select(expressions=items or [exp.alias_(exp.Literal.number(1), "one")], **clauses)
        using = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name_of_rows)))
        on = [*own, *(_same(alias, one, name_of_rows) for one in keys)]
        sets = [(name, exp.column(new[id(one)], name_of_rows) if id(one) in new else one)
                for name, one in self.sets or ()]  # fmt: skip
        return self._merge(using, _all(on), None if self.sets is None else sets)

    def _merge(self, using: exp.Expr, on: exp.Expr | None, sets: Sequence[Assignment] | None) -> exp.Merge:
        then: exp.Expr = exp.var("DELETE")
        if sets is not None:
            then = exp.Update(expressions=[exp.EQ(this=name.copy(), expression=one.copy()) for name, one in sets])
        return exp.Merge(
            this=self.table.copy(),
            using=using,
            on=on.copy() if on is not None else exp.true(),
            whens=exp.Whens(expressions=[exp.When(matched=True, source=False, then=then)]),
        )

    def _refuse_chance(self) -> None:
        for part in self._parts():
            for call in part.find_all(exp.Func):
                name = str(call.this) if isinstance(call, exp.Anonymous) else call.sql_name()
                if name.lower() in CHANCE:
                    raise refuse(call, f"{name}() beside another table or a subquery",
                                 "rows that are alike would all get one value",
                                 "compute it in a table of its own first")  # fmt: skip


def of_update(node: exp.Update, known: Mapping[str, Mapping[str, str]]) -> Change:
    """The change that an UPDATE of one table is. Raises Refusal for what is no assignment."""
    sets = []
    for one in node.expressions:
        if not isinstance(one, exp.EQ):
            raise refuse(one, f"SET {one.sql('spark')[:40]}", "it is no assignment of one column",
                         "write column = value")  # fmt: skip
        sets.append((one.this, one.expression))
    where = node.args.get("where")
    return Change(node.this, sets, where.this if where is not None else None, known=lowered(known))


def of_delete(node: exp.Delete, known: Mapping[str, Mapping[str, str]]) -> Change:
    """The change that a DELETE from one table is."""
    where = node.args.get("where")
    return Change(node.this, None, where.this if where is not None else None, known=lowered(known))


def lowered(schema: Mapping[str, Iterable[str]]) -> Columns:
    """The schema's columns, all names in lower case."""
    return {name.lower(): [one.lower() for one in columns] for name, columns in schema.items()}


def _sources(origin: exp.From | None, joins: Sequence[exp.Join]) -> list[exp.Expr]:
    return [*([origin.this] if origin is not None else []), *(one.this for one in joins)]


def _same(alias: str, name: str, rows: str) -> exp.Expr:
    """The equality of a key, NULL like NULL, byte by byte whatever the dialect's collation."""
    made = exp.NullSafeEQ(this=exp.column(name, alias), expression=exp.column(name, rows))
    made.meta[KEY] = True
    return made


def _where(tests: Sequence[exp.Expr]) -> exp.Where | None:
    return exp.Where(this=_all(tests)) if tests else None


def _all(tests: Sequence[exp.Expr]) -> exp.Expr | None:
    return exp.and_(*(one.copy() for one in tests)) if tests else None
