"""What an answer may cost, and whether its plan keeps to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from helpers.spark.plan import Plan

_STRATEGIES = {
    "broadcast": ("BroadcastHashJoin", "BroadcastNestedLoopJoin"),
    "hash broadcast": ("BroadcastHashJoin",),
    "sort merge": ("SortMergeJoin",),
}


@dataclass(frozen=True)
class Budget:
    """Limits on the plan of an answer; what is not stated is free.

    shuffles, reads, files, rows: at most so many exchanges, scans of files, files read, rows read from files.
    moved: at most so many rows sent to other tasks, by shuffles and broadcasts. join: the only strategy that joins
    may have, of _STRATEGIES. pushed: columns on which each scan of files that has them must get a comparison. pruned:
    partition columns by which scans must leave out folders. columns: all that scans of files may read. python: rows
    may be sent through Python.
    """

    shuffles: int | None = None
    reads: int | None = None
    files: int | None = None
    rows: int | None = None
    moved: int | None = None
    join: str | None = None
    pushed: tuple[str, ...] = ()
    pruned: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    python: bool = True

    def __post_init__(self) -> None:
        if self.join is not None and self.join not in _STRATEGIES:
            raise ValueError(f"there is no join strategy {self.join!r}: use {', '.join(_STRATEGIES)}")
        if not self.words():
            raise ValueError("a budget limits something")

    def words(self) -> list[str]:
        """Each limit as a sentence, for people to read before they write code."""
        lines = []
        for most, one, many in (
            (self.shuffles, "shuffle", "shuffles"),
            (self.reads, "read of the files", "reads of the files"),
            (self.files, "file read", "files read"),
            (self.rows, "row read from the files", "rows read from the files"),
            (self.moved, "row shuffled or broadcast", "rows shuffled or broadcast"),
        ):
            if most is not None:
                lines.append(f"at most {most:,} {one if most == 1 else many}" if most else f"no {one}")
        if self.join:
            lines.append(f"every join a {self.join} join")
        if self.pushed:
            lines.append(f"the filter on {', '.join(self.pushed)} pushed into the scan")
        if self.pruned:
            lines.append(f"folders left out by {', '.join(self.pruned)}")
        if self.columns is not None:
            lines.append(f"only these columns read: {', '.join(self.columns)}")
        if not self.python:
            lines.append("no row sent through Python")
        return lines


def overrun(plan: Plan, budget: Budget) -> str:
    """What the plan costs beyond the budget, in a sentence; "" where it keeps to it. The plan must have run."""
    return next(_overruns(plan, budget), "")


def _overruns(plan: Plan, budget: Budget) -> Iterator[str]:
    if plan.stored:
        yield "Rows come from a cache or a checkpoint, and what filling it costs is not in the plan: do without it."
    if not budget.python and plan.python:
        yield f"Rows go through Python {_times(plan.python)}; Spark's own functions keep them in the JVM."
    scans = plan.reads
    if budget.reads is not None and len(scans) > budget.reads:
        yield f"The files are read {_times(len(scans))}; {_times(budget.reads)} is enough."
    if plan.uncounted and any(one is not None for one in (budget.files, budget.rows, budget.moved)):
        yield (
            "A subquery reads the files by itself, and how much it reads and moves is in no count: compute it in the "
            "same grouping, or join it."
        )
    for column in budget.pruned:
        if scans and not any(column in scan.pruned for scan in scans):
            yield f"No folder is left out by {column}: every one of them is read."
    for column in budget.pushed:
        if any(column in scan.columns and column not in scan.pushed for scan in scans):
            yield f"The filter on {column} is not pushed into the scan: rows are read first, then dropped."
    if budget.columns is not None:
        read = {column for scan in scans for column in scan.columns}
        if more := sorted(read - set(budget.columns)):
            yield f"The scan reads {', '.join(more)}, too, which is not needed."
    if budget.files is not None and plan.files_read > budget.files:
        yield f"{plan.files_read} files are read; {budget.files} are enough."
    if budget.rows is not None and plan.rows_read > budget.rows:
        yield f"{plan.rows_read:,} rows are read from the files; {budget.rows:,} are enough."
    if budget.join is not None:
        for join in plan.joins:
            if join not in _STRATEGIES[budget.join]:
                yield f"A join is a {join}; wanted is a {budget.join} join."
    if budget.shuffles is not None and plan.shuffles > budget.shuffles:
        yield f"Rows are shuffled {_times(plan.shuffles)}; {_times(budget.shuffles)} is enough."
    if budget.moved is not None and plan.moved > budget.moved:
        yield f"{plan.moved:,} rows are shuffled or broadcast; {budget.moved:,} are enough."


def _times(number: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(number, f"{number} times")
