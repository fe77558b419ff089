"""Slips at window functions: frame, ranking function, LAG and LEAD, partition."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names, numeric
from helpers.adversary.slips.slip import Slip, became, changed, text, without

RANKS: tuple[type[exp.Func], ...] = (exp.RowNumber, exp.Rank, exp.DenseRank)


def ranked(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """ROW_NUMBER, RANK and DENSE_RANK in one another's place."""
    if type(node) in RANKS:
        for other in RANKS:
            if type(node) is not other:
                after = other()
                yield Slip("rank family", after, became(node, after))


def neighbour(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """LAG and LEAD, FIRST_VALUE and LAST_VALUE exchanged; another offset; the default lost."""
    pairs: dict[type[exp.Expr], type[exp.Expr]] = {
        exp.Lag: exp.Lead,
        exp.Lead: exp.Lag,
        exp.FirstValue: exp.LastValue,
        exp.LastValue: exp.FirstValue,
    }
    if type(node) not in pairs:
        return
    after: exp.Expr = pairs[type(node)](**{key: _copy(value) for key, value in node.args.items()})
    yield Slip("lag / lead", after, became(node, after))
    if isinstance(node, exp.Lag | exp.Lead):
        offset = node.args.get("offset")
        if offset is None or (isinstance(offset, exp.Literal) and offset.is_int):
            after = changed(node, offset=exp.Literal.number(int(offset.this if offset else 1) + 1))
            yield Slip("lag / lead", after, became(node, after))
        if node.args.get("default"):
            after = changed(node, default=None)
            yield Slip("lag / lead", after, became(node, after))


def frame(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """ROWS and RANGE exchanged, each bound one further or nearer, the frame lost; a frame by rows where none was."""
    if (
        not isinstance(node, exp.Window)
        or type(node.this) in RANKS
        or isinstance(node.this, exp.Lag | exp.Lead | exp.Ntile)
    ):
        return
    spec, order = node.args.get("spec"), node.args.get("order")
    if order is None:
        return
    if spec is None:
        running = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")
        yield Slip("window frame", changed(node, spec=running), "the default frame (RANGE) became ROWS")
        return
    kinds = {"ROWS": "RANGE", "RANGE": "ROWS"}
    kind = str(spec.args["kind"]).upper()
    if kind in kinds and (kind == "RANGE" or _rangeable(spec, order, names)):
        yield Slip(
            "window frame", changed(node, spec=changed(spec, kind=kinds[kind])), f"{kind} became {kinds[kind]}"
        )
    for bounds, sentence in _bounds(spec):
        yield Slip("window frame", changed(node, spec=changed(spec, **bounds)), sentence)
    yield Slip("window frame", changed(node, spec=None), "the window frame was dropped")


def partition(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """A column of PARTITION BY is missing."""
    if isinstance(node, exp.Window):
        for position, column in enumerate(node.args.get("partition_by") or []):
            yield Slip(
                "window partition",
                without(node, "partition_by", position),
                f"{text(column)} was dropped from PARTITION BY",
            )


def _bounds(spec: exp.Expr) -> Iterator[tuple[dict[str, object], str]]:
    for end in ("start", "end"):
        bound, side = spec.args.get(end), str(spec.args.get(f"{end}_side") or "").upper()
        if isinstance(bound, exp.Literal) and bound.is_int:
            for count in (int(bound.this) - 1, int(bound.this) + 1):
                if count > 0:
                    yield {end: exp.Literal.number(count)}, f"{bound.this} {side} became {count} {side}"
        elif isinstance(bound, str) and bound.upper() == "UNBOUNDED":
            yield {end: exp.Literal.number(1)}, f"UNBOUNDED {side} became 1 {side}"
            if not (end == "start" and str(spec.args.get("end")).upper() == "UNBOUNDED") and end == "end":
                yield {end: "CURRENT ROW", f"{end}_side": None}, f"UNBOUNDED {side} became CURRENT ROW"
        elif isinstance(bound, str) and bound.upper() == "CURRENT ROW" and end == "end":
            yield {end: "UNBOUNDED", f"{end}_side": "FOLLOWING"}, "CURRENT ROW became UNBOUNDED FOLLOWING"
            start = spec.args.get("start")
            if isinstance(start, str) and start.upper() == "UNBOUNDED" and str(spec.args["kind"]).upper() == "ROWS":
                yield {end: exp.Literal.number(1), f"{end}_side": "PRECEDING"}, "CURRENT ROW became 1 PRECEDING"


def _rangeable(spec: exp.Expr, order: exp.Expr, names: Names) -> bool:
    """Whether RANGE is allowed: bounds with a number need one order column that is a number."""
    counted = any(isinstance(spec.args.get(end), exp.Literal) for end in ("start", "end"))
    return not counted or (len(order.expressions) == 1 and numeric(names.type(order.expressions[0].this)))


def _copy(value: object) -> object:
    return value.copy() if isinstance(value, exp.Expr) else value


MAKERS = (ranked, neighbour, frame, partition)
