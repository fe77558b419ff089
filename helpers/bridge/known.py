"""Which parts of a node the bridge reads: a part that it does not know is refused, never left out in silence."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.refusal import refuse

_NOTED = {"default_on_null", "value_columns_first", "columns", "identify_pivot_strings", "prefixed_pivot_columns",
          "pivot_column_naming", "safe", "coalesce", "typed", "nested", "is_string", "quoted"}  # fmt: skip
"""What the parser notes for other purposes than meaning."""

_READ: dict[type[exp.Expr], set[str]] = {
    exp.Select: {"with_", "expressions", "from_", "joins", "laterals", "where", "group", "having", "qualify",
    "windows",
                 "distinct", "order", "limit", "offset", "hint", "sort", "cluster", "distribute", "kind"},
    exp.Table: {"this", "alias", "db", "catalog", "joins", "pivots", "sample", "version", "when", "partition"},
    exp.Subquery: {"this", "alias", "with_", "order", "limit", "offset", "pivots", "sample", "joins"},
    exp.Values: {"expressions", "alias", "order", "limit", "offset"},
    exp.Join: {"this", "method", "side", "kind", "on", "using"},
    exp.Lateral: {"this", "view", "outer", "alias"},
    exp.Union: {"with_", "this", "expression", "distinct", "by_name", "order", "limit", "offset"},
    exp.Except: {"with_", "this", "expression", "distinct", "by_name", "order", "limit", "offset"},
    exp.Intersect: {"with_", "this", "expression", "distinct", "by_name", "order", "limit", "offset"},
    exp.With: {"expressions", "recursive"},
    exp.CTE: {"this", "alias"},
    exp.Group: {"expressions", "all", "rollup", "cube", "grouping_sets"},
    exp.Window: {"this", "partition_by", "order", "spec", "alias", "over", "first"},
    exp.WindowSpec: {"kind", "start", "start_side", "end", "end_side", "exclude"},
    exp.Ordered: {"this", "desc", "nulls_first"},
    exp.Order: {"expressions"},
    exp.Pivot: {"expressions", "fields", "unpivot", "include_nulls", "alias"},
    exp.TableSample: {"percent", "seed", "size", "rows", "bucket_numerator", "bucket_denominator", "bucket_field"},
    exp.Star: {"except_", "replace", "rename"},
    exp.Distinct: {"expressions", "on"},
    exp.Limit: {"expression"},
    exp.Offset: {"expression"},
    exp.Case: {"this", "ifs", "default"},
    exp.Cast: {"this", "to", "safe"},
    exp.TryCast: {"this", "to", "safe"},
    exp.Like: {"this", "expression", "negate"},
    exp.ILike: {"this", "expression", "negate"},
    exp.RegexpLike: {"this", "expression", "negate"},
    exp.In: {"this", "expressions", "query"},
    exp.Between: {"this", "low", "high"},
    exp.Extract: {"this", "expression"},
    exp.Substring: {"this", "start", "length"},
    exp.Trim: {"this", "expression", "position"},
    exp.StrPosition: {"this", "substr"},
    exp.Overlay: {"this", "expression", "from_", "for_"},
    exp.Interval: {"this", "unit"},
    exp.Anonymous: {"this", "expressions"},
    exp.Bracket: {"this", "expressions"},
    exp.Lambda: {"this", "expressions"},
    exp.Column: {"this", "table", "db", "catalog"},
    exp.TableAlias: {"this", "columns"},
    exp.Insert: {"with_", "this", "expression", "overwrite", "by_name", "where", "source", "default", "partition",
    "conflict", "ignore", "returning", "stored", "settings", "using", "alternative"},
    exp.Update: {"with_", "this", "expressions", "where", "from_", "returning", "order", "limit"},
    exp.Delete: {"with_", "this", "where", "tables", "using", "returning", "order", "limit"},
    exp.Merge: {"with_", "this", "using", "on", "using_cond", "whens", "returning"},
    exp.When: {"matched", "source", "condition", "then"},
    exp.TruncateTable: {"expressions", "is_database", "identity", "partition"},
    exp.Cache: {"this", "expression"},
    exp.Create: {"this", "kind", "expression", "replace", "exists", "properties"},
}  # fmt: skip


def checked(tree: exp.Expr) -> None:
    """Raises Refusal for the first part of the tree that no stage reads."""
    for node in tree.walk():
        read = _READ.get(type(node))
        if read is None:
            continue
        for key, value in node.args.items():
            if value not in (None, False, []) and key not in read and key not in _NOTED:
                words = f"{type(node).__name__.upper()} with {key.strip('_').upper()}"
                raise refuse(node, words, "the bridge has no DataFrame code for it")
