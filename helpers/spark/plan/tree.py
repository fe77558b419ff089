"""The plan that ran: Spark's executed operators with their figures, joined with what was planned for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpers.spark.classic import formatted
from helpers.spark.conf import settings_for
from helpers.spark.plan.operators import Operator, parse

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# How Spark runs a plan, not what it does.
_FRAMES = {
    "AdaptiveSparkPlan",
    "AQEShuffleRead",
    "BroadcastQueryStage",
    "ColumnarToRow",
    "InputAdapter",
    "ResultQueryStage",
    "ShuffleQueryStage",
    "TableCacheQueryStage",
}
_PYTHON = {
    "ArrowAggregatePython",
    "ArrowEvalPython",
    "ArrowEvalPythonUDTF",
    "AggregateInPandas",
    "BatchEvalPython",
    "BatchEvalPythonUDTF",
    "FlatMapCoGroupsInArrow",
    "FlatMapCoGroupsInPandas",
    "FlatMapGroupsInArrow",
    "FlatMapGroupsInPandas",
    "MapInArrow",
    "MapInPandas",
    "PythonMapInArrow",
    "WindowInPandas",
}
# A recursion runs queries of its own that leave no figures: their tables stand in its logical plan only.
_LOOP, _TABLE_OF_LOOP = "UnionLoop", "LogicalRelation"
_STORED = ("InMemoryTableScan", "Scan ExistingRDD")
_ATTRIBUTE = re.compile(r"#\d+L?(?:, |$)")


@dataclass(frozen=True)
class Node:
    """One operator.

    details: as in `Operator`, empty where none could be told for sure. metrics: Spark's own, by Spark's names; empty
    where nothing ran.
    """

    name: str
    details: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    children: tuple[Node, ...] = ()

    @property
    def rows(self) -> int | None:
        """Rows that came out of it; None where it did not run or does not count."""
        found = self.metrics.get("numOutputRows", self.metrics.get("recordsRead"))
        return None if found is None else int(found)

    def __iter__(self) -> Iterator[Node]:
        """This node and all below it, each before its children."""
        yield self
        for child in self.children:
            yield from child


@dataclass(frozen=True)
class Scan:
    """What was read of one source.

    columns: those read from its files or rows; partition columns are in the folders' names. pushed: columns on which
    a comparison was pushed into the source. pruned: partition columns by which whole folders were left out. of_files:
    the source is files. files, bytes, rows: read, None where the source does not tell or nothing was counted.
    """

    format: str
    columns: tuple[str, ...]
    pushed: frozenset[str]
    pruned: frozenset[str]
    of_files: bool
    files: int | None
    bytes: int | None
    rows: int | None


@dataclass(frozen=True)
class Plan:
    """A query's plan.

    root: what ran where it ran, else what was planned. subqueries: as planned, for Spark has no figures of them; a
    recursion that ran is one of them. ran: it has figures.
    """

    root: Node
    subqueries: tuple[Node, ...] = ()
    ran: bool = False

    def __iter__(self) -> Iterator[Node]:
        """Every node, those of subqueries last."""
        yield from self.root
        for one in self.subqueries:
            yield from one

    @property
    def shuffles(self) -> int:
        """How often rows were moved between partitions; a broadcast and a shuffle used again are none."""
        return sum(node.name == "Exchange" for node in self)

    @property
    def joins(self) -> tuple[str, ...]:
        """The joins' strategies, from the top: `BroadcastHashJoin`, `SortMergeJoin`, `CartesianProduct` ..."""
        # "Join" alone is one of a logical plan: nobody has chosen its strategy.
        names = [node.name for node in self if node.name != "Join"]
        return tuple(name for name in names if name.endswith("Join") or name == "CartesianProduct")

    @property
    def reads(self) -> tuple[Scan, ...]:
        """Those scans that read files, in subqueries and recursions too."""
        return tuple(scan for scan in self.scans if scan.of_files)

    @property
    def uncounted(self) -> int:
        """How many of them have no figures. All, where nothing ran."""
        return sum(scan.files is None for scan in self.reads)

    @property
    def files_read(self) -> int:
        """How many files they read together, without those that are uncounted."""
        return sum(scan.files or 0 for scan in self.reads)

    @property
    def rows_read(self) -> int:
        """How many rows they gave together, likewise. 0 where nothing ran."""
        return sum(scan.rows or 0 for scan in self.reads)

    @property
    def moved(self) -> int:
        """Rows that went to other tasks: through shuffles, and once for each broadcast. 0 where nothing ran."""
        shuffled = sum(node.metrics.get("shuffleRecordsWritten", 0) for node in self if node.name == "Exchange")
        return int(shuffled) + sum(node.rows or 0 for node in self if node.name == "BroadcastExchange")

    @property
    def stored(self) -> int:
        """How often rows come from a cache or a checkpoint: what filled it does not stand in this plan."""
        return sum(node.name.startswith(_STORED) for node in self)

    @property
    def python(self) -> int:
        """How many operators send rows to Python and back."""
        return sum(node.name in _PYTHON for node in self)

    @property
    def scans(self) -> tuple[Scan, ...]:
        """Every read of a file-based source."""
        return tuple(_scan(node) for node in self if node.name.startswith(("Scan ", "BatchScan", _TABLE_OF_LOOP)))


def plan_of(frame: DataFrame, run: bool = True) -> Plan:
    """The plan of a DataFrame; run = it is executed and its rows are fetched (and dropped), over Spark Connect only.

    Raises Spark's own errors.
    """
    metrics = None
    if run:
        frame.toArrow()
        info = frame.executionInfo
        metrics = info.metrics if info is not None else None
    main, *subqueries = parse(formatted(frame))
    if subqueries:
        # What they have in common with the rest is seen only in a plan that does not change while it runs.
        with settings_for(frame.sparkSession, {"spark.sql.adaptive.enabled": "false"}):
            subqueries = list(parse(formatted(frame))[1:])
    return joined((main, *subqueries), metrics)


def joined(planned: tuple[Operator, ...], metrics: Any | None = None) -> Plan:
    """The plan of parsed operators, and of the metrics that PySpark collected, where it ran."""
    main, *subqueries = planned
    others = tuple(one for tree in subqueries for one in _planned(tree))
    if metrics is None or not metrics._metrics:
        (root,) = _planned(main)
        return Plan(root, others)
    top, graph = metrics.extract_graph()
    known: dict[str, list[Operator]] = {}
    for operator in main:
        known.setdefault(operator.name, []).append(operator)
    ran = Counter(node.name.strip() for node in graph.values())
    # Only where as many ran as were planned is it sure which is which.
    sure = {name: iter(found) for name, found in known.items() if ran[name] == len(found)}
    (root,) = _executed(top, graph, sure)
    loops = tuple(one for found in known.get(_LOOP, []) for one in _planned(found))
    return Plan(root, others + loops, ran=True)


def _planned(operator: Operator) -> tuple[Node, ...]:
    children = tuple(node for child in operator.children for node in _planned(child))
    if operator.name in _FRAMES:
        return children
    return (Node(operator.name, operator.details, {}, children),)


def _executed(at: int, graph: Mapping[int, Any], sure: Mapping[str, Iterator[Operator]]) -> tuple[Node, ...]:
    node = graph[at]
    name = node.name.strip()
    planned = next(sure[name]) if name in sure else None
    below = tuple(found for child in node.children if child != at for found in _executed(child, graph, sure))
    if name in _FRAMES or name.startswith("WholeStageCodegen"):
        return below
    metrics = {one.name: one.value for one in node.metrics}
    return (Node(name, planned.details if planned else {}, metrics, below),)


def _scan(node: Node) -> Scan:
    files, size = node.metrics.get("numFiles"), node.metrics.get("filesSize")
    return Scan(
        node.name.partition(" ")[2],
        tuple(_read(node.details)),
        frozenset(_compared(node.details.get("PushedFilters", "[]"))),
        frozenset(_referenced(node.details.get("PartitionFilters", "[]"))),
        files is not None or "Location" in node.details or node.name == _TABLE_OF_LOOP,
        None if files is None else int(files),
        None if size is None else int(size),
        node.rows,
    )


def _read(details: Mapping[str, str]) -> list[str]:
    given = [name for name in _ATTRIBUTE.split(details.get("Output", "[]")[1:-1]) if name]
    schema = details.get("ReadSchema", "").removeprefix("struct<")
    return [name for name in given if not schema or f",{name}:" in f",{schema}"]


def _compared(text: str) -> Iterator[str]:
    """Columns of pushed filters, without those that only ask for NOT NULL: `[GreaterThan(kw,5)]` -> kw."""
    for item in _items(text[1:-1]):
        kind, _, rest = item.partition("(")
        if kind in ("Or", "And", "Not"):
            yield from _compared(f"[{rest[:-1]}]")
        elif kind and rest and kind not in ("IsNotNull", "IsNull"):
            yield rest.partition(",")[0].rstrip(")")


def _items(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _referenced(text: str) -> set[str]:
    """Columns of partition filters, without those that only ask for NOT NULL: these leave out no folder of values."""
    asked = [item for item in _items(text[1:-1]) if not item.startswith("isnotnull(")]
    # A subquery's own name looks like a column's.
    return {name for item in asked for name in re.findall(r"(?<!Subquery )(?<!IN )\b(\w+)#\d+", item)}
