"""Does a query's answer depend on more than its tables' rows: on their order, on chance, on the clock."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.parse import deep

_BY_ORDER = {
    "any_value", "approx_percentile", "array_agg", "collect_list", "collect_set", "first", "first_value",
    "input_file_name", "last", "last_value", "listagg", "max_by", "min_by", "mode", "monotonically_increasing_id",
    "spark_partition_id", "string_agg",
}  # fmt: skip
_BY_CHANCE = {
    "current_date", "current_time", "current_timestamp", "localtimestamp", "now", "rand", "randn", "random",
    "randstr", "shuffle", "uniform", "unix_timestamp", "uuid",
}  # fmt: skip


def by_order(tree: exp.Expr) -> bool:
    """Whether the answer may change when the same rows come in another order, or are asked for again."""
    with deep():
        for node in tree.walk():
            if isinstance(node, exp.Window | exp.TableSample):
                return True
            if isinstance(node, exp.Limit | exp.Offset) and node.parent is not tree:
                return True
            if isinstance(node, exp.Func) and _name(node) in _BY_ORDER | _BY_CHANCE:
                return True
    return False


def _name(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
