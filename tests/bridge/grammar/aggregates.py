"""Aggregates, and GROUP BY in all its forms."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bridge.grammar.draw import Draw
from tests.bridge.grammar.scope import NUMBERS, SIMPLE, Column, Relation
from tests.bridge.grammar.values import Place

_PLAIN = ("int", "decimal", "double", "string", "date", "timestamp")


@dataclass(frozen=True)
class Groups:
    """What GROUP BY leaves. here: keys and aggregates as columns, told by their texts; clause: its text, or ""."""

    here: Relation
    keys: tuple[Column, ...]
    clause: str


def aggregate(place: Place, total: tuple[str, ...] = ()) -> tuple[str, str]:
    """An aggregate's text and its kind. total: what tells rows apart, for aggregates that take one row's value."""
    draw = place.draw
    kind, number = draw.one(_PLAIN), place.value(*NUMBERS)
    one = place.column(kind)
    plain: list[tuple[str, str, str]] = [
        ("COUNT", "count(*)", "int"), ("COUNT", f"count({one})", "int"), ("COUNT", "count(1)", "int"),
        ("DISTINCT aggregate", f"count(DISTINCT {one})", "int"),
        ("DISTINCT aggregate", f"count(DISTINCT {one}, {place.column(*SIMPLE)})", "int"),
        ("DISTINCT aggregate", f"sum(DISTINCT {place.column('int')})", "int"),
        ("SUM and its kin", f"sum({number})", "decimal"), ("SUM and its kin", f"avg({number})", "double"),
        ("SUM and its kin", f"min({one})", kind), ("SUM and its kin", f"max({one})", kind),
        ("SUM and its kin", f"sum(CASE WHEN {place.condition()} THEN {place.column('int')} ELSE 0 END)", "int"),
        ("FILTER", f"count(*) FILTER (WHERE {place.condition()})", "int"),
        ("FILTER", f"sum({place.column('int')}) FILTER (WHERE {place.condition()})", "int"),
        ("FILTER", f"max({one}) FILTER (WHERE {place.condition()})", kind),
        ("FILTER", f"count(DISTINCT {one}) FILTER (WHERE {place.condition()})", "int"),
        ("conditional aggregate", f"count_if({place.condition()})", "int"),
        ("conditional aggregate", f"bool_and({place.condition()})", "boolean"),
        ("conditional aggregate", f"{draw.one(['every', 'some', 'any', 'bool_or'])}({place.condition()})", "boolean"),
        ("statistics", f"round(stddev_samp({place.column('int')}), 4)", "double"),
        ("statistics", f"round(corr({place.column('int')}, {place.column('decimal', 'double')}), 4)", "double"),
        ("statistics", f"median({place.column(*NUMBERS)})", "double"),
        ("statistics", f"percentile({place.column(*NUMBERS)}, 0.25)", "double"),
        ("WITHIN GROUP", f"percentile_cont(0.{draw.number(1, 9)}) WITHIN GROUP (ORDER BY {number}{_way(draw)})",
        "double"),
        ("WITHIN GROUP", f"percentile_disc(0.{draw.number(1, 9)}) WITHIN GROUP (ORDER BY {number}{_way(draw)})",
        "double"),
        ("WITHIN GROUP", f"mode() WITHIN GROUP (ORDER BY {place.column(*_PLAIN)})", ""),
        ("WITHIN GROUP", _listed(place, total), "string"),
        ("collection aggregate", f"sort_array(collect_list({one}))", ""),
        ("collection aggregate", f"sort_array(collect_set({one}))", ""),
        ("collection aggregate", f"array_sort(array_agg({one}))", ""),
        ("collection aggregate", f"size(collect_set({one}))", "int"),
        ("MAX of a struct", f"max(struct({place.column('int')} AS a, {place.column('string')} AS b)).b", "string"),
        ("bit operator", f"bit_or({place.column('int')})", "int"),
        ("conditional aggregate", f"approx_count_distinct({one})", "int"),
    ]  # fmt: skip
    if len(total) == 1:
        plain.append(("MAX_BY", f"{draw.one(['max_by', 'min_by'])}({one}, {total[0]})", kind))
    construct, text, result = draw.one(plain)
    draw.note(construct)
    return text, result


def _way(draw: Draw) -> str:
    return draw.one(["", " DESC", " ASC"])


def _listed(place: Place, total: tuple[str, ...]) -> str:
    """Texts in an order: of the column itself, or of what tells rows apart."""
    draw, one = place.draw, place.column("string")
    name, way = draw.one(["listagg", "string_agg"]), _way(draw)
    if draw.chance(0.3):
        return f"{name}(DISTINCT {one}, ';') WITHIN GROUP (ORDER BY {one}{way})"
    order = ", ".join(f"{key}{way}" for key in total) if total and draw.chance(0.7) else f"{one}{way}"
    return f"{name}({one}, '{draw.one([',', '; ', '|'])}') WITHIN GROUP (ORDER BY {order})"


def groups(draw: Draw, here: Relation, least: int = 0, simple: bool = False) -> Groups:
    """GROUP BY of a relation: its keys, some aggregates, and the clause. simple: whether keys are columns only."""
    place = Place(draw, here, 1)
    keys = [one.ref for one in draw.some(here.of(*SIMPLE), least, 2)] if here.of(*SIMPLE) else []
    kinds = {one.ref: one.kind for one in here.columns}
    if keys and not simple and draw.chance(0.3):
        kind = draw.one(("string", "int", "date"))
        keys[-1] = place.value(kind) if draw.chance(0.5) else place.column(kind)
        kinds.setdefault(keys[-1], kind)
        # A constant would be taken for a place in SELECT.
        if not any(one.ref in keys[-1] for one in here.columns):
            keys.pop()
    keys = list(dict.fromkeys(keys))
    found = [aggregate(place, here.total) for _ in range(draw.number(1, 2))]
    columns = tuple(Column("", kinds[one], one) for one in keys)
    made = tuple(Column("", kind or "other", text) for text, kind in dict(found).items())
    text = clause(draw, keys)
    # Of sets of groups a key that is NULL may stand for all or for none.
    told = tuple(keys) if text == f"GROUP BY {', '.join(keys)}" else ()
    return Groups(Relation((*columns, *made), told), columns, text)


def clause(draw: Draw, keys: list[str]) -> str:
    """The text of GROUP BY for these keys."""
    if not keys:
        return ""
    listed = ", ".join(keys)
    if draw.chance(0.6):
        draw.note("GROUP BY")
        return f"GROUP BY {listed}"
    sets = ", ".join(f"({one})" for one in [listed, keys[0], ""])
    construct, text = draw.one([
        ("ROLLUP", f"GROUP BY ROLLUP ({listed})"), ("CUBE", f"GROUP BY CUBE ({listed})"),
        ("GROUPING SETS", f"GROUP BY GROUPING SETS ({sets})"), ("ROLLUP", f"GROUP BY {listed} WITH ROLLUP"),
        ("GROUPING SETS", f"GROUP BY {listed} GROUPING SETS (({listed}), ({keys[-1]}))"),
        ("ROLLUP", f"GROUP BY {keys[0]}, ROLLUP ({keys[-1]})" if len(keys) > 1 else f"GROUP BY ROLLUP ({keys[0]})"),
        ("CUBE", f"GROUP BY {listed} WITH CUBE"),
    ])  # fmt: skip
    draw.note(construct)
    return text
