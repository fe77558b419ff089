"""A plan to look at: as a tree of text, as Mermaid, in one line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count

from helpers.spark.plan.tree import Node, Plan

_OF_SCANS = ("PushedFilters", "PartitionFilters")
_OF_OTHERS = ("Condition", "Join condition", "Left keys", "Keys", "Functions")
_LONGEST = 60


def text_tree(plan: Plan, told: bool = True) -> str:
    """Every operator on a line, children below and further right; what is told of it follows its name, or nothing."""
    lines: list[str] = []
    for at, root in enumerate((plan.root, *plan.subqueries)):
        if at:
            lines.append(f"subquery {at}")
        lines += _lines(root, "", "", told)
    return "\n".join(lines)


def mermaid(plans: Mapping[str, Plan]) -> str:
    """The same as one Mermaid flowchart, plans side by side in a frame with their names, or alone without one.

    From the scans at the top to the result; shuffles have their own shape.
    """
    lines = [
        "flowchart TD",
        f"  accTitle: {'; '.join(f'{name} {one_line(plan)}'.strip() for name, plan in plans.items())}",
    ]
    numbers = count()
    for at, (name, plan) in enumerate(plans.items()):
        drawn = [line for root in (plan.root, *plan.subqueries) for line in _drawn(root, numbers)[1]]
        lines += [f'  subgraph p{at}["{_safe(name)}"]', *drawn, "  end"] if name else drawn
    return "\n".join(lines)


def one_line(plan: Plan) -> str:
    """As in `1 scan, 2 shuffles, joins: BroadcastHashJoin`."""
    scans = sum(node.name.startswith(("Scan ", "BatchScan", "LocalTableScan", "InMemoryTableScan")) for node in plan)
    parts = [_count(scans, "scan"), _count(plan.shuffles, "shuffle")]
    parts.append(f"joins: {', '.join(_times(plan.joins))}" if plan.joins else "no join")
    if plan.python:
        parts.append(_count(plan.python, "step") + " through Python")
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _times(names: tuple[str, ...]) -> list[str]:
    return [name if times == 1 else f"{times} {name}" for name, times in Counter(names).items()]


def _lines(node: Node, first: str, rest: str, told: bool) -> Iterator[str]:
    yield first + "; ".join([node.name, *(_told(node) if told else [])])
    for at, child in enumerate(node.children, start=1):
        last = at == len(node.children)
        yield from _lines(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), told)


def _told(node: Node) -> list[str]:
    told = []
    if node.rows is not None:
        told.append(f"{node.rows:,} rows")
    if "numFiles" in node.metrics:
        told.append(f"{_count(int(node.metrics['numFiles']), 'file')}, {node.metrics['filesSize'] / 1e3:,.0f} kB")
    if node.name == "Exchange" and "dataSize" in node.metrics:
        told.append(f"{node.metrics['dataSize'] / 1e3:,.0f} kB")
    for name in _OF_SCANS if node.name.startswith(("Scan ", "BatchScan")) else _OF_OTHERS:
        value = node.details.get(name, "")
        if value and value not in ("[]", "None"):
            told.append(f"{name}: {_short(value)}")
    return told


def _short(text: str) -> str:
    # Spark numbers its columns anew in each query: `kw#31L` is kw to a reader.
    flat = re.sub(r"(?<=\w)#\d+L?", "", " ".join(text.split()))
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"


def _drawn(node: Node, numbers: Iterator[int]) -> tuple[str, list[str]]:
    own = f"n{next(numbers)}"
    words = "<br/>".join(_safe(one) for one in [node.name, *_told(node)])
    begin, end = ('{{"', '"}}') if node.name == "Exchange" else ('["', '"]')
    lines = [f"  {own}{begin}{words}{end}"]
    for child in node.children:
        name, below = _drawn(child, numbers)
        lines += [*below, f"  {name} --> {own}"]
    return own, lines


def _safe(text: str) -> str:
    # Mermaid's own escapes: a quotation mark would end the label, a tag would be one.
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
