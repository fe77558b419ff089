"""MySQL's GROUP_CONCAT, and fields of JSON texts."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import shared
from helpers.bridge.foreign.mysql.kinds import bare, numbered, text_number, texts_of
from helpers.bridge.foreign.mysql.texts import Named
from helpers.bridge.foreign.reader import Reader, Rule, call
from helpers.bridge.refusal import refuse


def aggregated_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GROUP_CONCAT(DISTINCT x, y ORDER BY z SEPARATOR s)."""
    inner, order = (node.this.this, node.this.expressions) if isinstance(node.this, exp.Order) else (node.this, [])
    distinct = isinstance(inner, exp.Distinct)
    text = inner.expressions[0] if distinct else inner
    if distinct and (len(inner.expressions) > 1 or any(one.this != text for one in order)):
        raise refuse(node, "GROUP_CONCAT of DISTINCT ordered by something else", "the bridge has no code for it")
    reading.note(
        "GROUP_CONCAT cuts its result at group_concat_max_len (1,024 characters unless set); Spark does not."
    )
    if not isinstance(text, exp.Concat):
        numbered(reading, node.this if isinstance(node.this, exp.Order) else node)
        texts_of(reading, node, [text])
    separator = node.args.get("separator") or exp.Literal.string(",")
    if distinct and not order:
        order = [exp.Ordered(this=text.copy())]
    made = shared.joined_texts(node, text, separator, order)
    for one in list(made.find_all(exp.Anonymous)):
        if one.this == "collect_list" and distinct:
            one.replace(call("array_distinct", one.copy()))
    return made


def json_value(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A field of a JSON text: its plain text, or a number where one is reckoned with."""
    found = call("get_json_object", node.this.copy(), exp.Literal.string(node.expression.sql("mysql").strip("'")))
    reading.note("Of a JSON null and of parts that are no scalars MySQL gives other texts than Spark.")
    around = node.parent
    while isinstance(around, exp.Paren):
        around = around.parent
    unquoted = isinstance(around, exp.Anonymous) and str(around.this).upper() == "JSON_UNQUOTE"
    if isinstance(node, exp.JSONExtractScalar) or unquoted or isinstance(around, exp.Is):
        return found
    if isinstance(around, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Sum | exp.Avg):
        return text_number(reading, found)
    raise refuse(node, "JSON_EXTRACT", "its value is JSON, in which texts have quotes",
                 "write JSON_UNQUOTE(...) or ->>")  # fmt: skip


def unquoted(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """JSON_UNQUOTE of JSON_EXTRACT."""
    inner = bare(parts[0])
    if isinstance(inner, exp.Anonymous) and inner.this == "get_json_object":
        return inner.copy()
    raise refuse(node, "JSON_UNQUOTE of a text", "it is known of JSON_EXTRACT only")


NAMED: dict[str, Named] = {"json_unquote": unquoted}
RULES: dict[type[exp.Expr], Rule] = {
    exp.GroupConcat: aggregated_text, exp.JSONExtract: json_value, exp.JSONExtractScalar: json_value,
}  # fmt: skip
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset(
    {exp.GroupConcat, exp.JSONExtract, exp.JSONExtractScalar, *NAMED}
)
