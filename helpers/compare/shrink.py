"""The smallest input on which two answers still differ."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

Tables = Mapping[str, pa.Table]
_Rows = frozenset[int]

_BATCH = 64
"""How many candidates one call of `together` gets at most."""


@dataclass(frozen=True)
class Shrunk:
    """tables: the smallest input found; every table is there, maybe without rows, each in its first order.

    minimal: True = without any single one of its rows the two answers agree; False = time was up before that was
    known.
    tried: how many different inputs were judged.
    """

    tables: dict[str, pa.Table]
    minimal: bool
    tried: int


def shrink(
    tables: Tables,
    differs: Callable[[Tables], bool],
    seconds: float = 2.0,
    together: Callable[[Sequence[Tables]], Sequence[bool]] | None = None,
) -> Shrunk:
    """Leaves out rows, of all tables together, as long as `differs` stays true.

    differs: true for `tables` as they are, and repeatable. Halves are left out first, then smaller parts, then rows
    one by one until none can go. together: judges several inputs at once, in their order; then `differs` is not
    called.
    seconds: no new call is made after this time. Raises ValueError where the two do not differ on `tables`.
    """
    search = _Search(tables, differs, together, time.monotonic() + seconds)
    rows = search.everything
    minimal = True
    try:
        rows = search.run()
    except TimeoutError:
        rows, minimal = search.smallest, False
    untried = rows == search.everything and minimal
    if untried and not search.judge([rows], always=True)[0]:
        raise ValueError("The two answers do not differ on these tables: nothing to shrink.")
    return Shrunk(search.cut(rows), minimal, len(search.known))


class _Search:
    def __init__(
        self,
        tables: Tables,
        differs: Callable[[Tables], bool],
        together: Callable[[Sequence[Tables]], Sequence[bool]] | None,
        end: float,
    ) -> None:
        self.tables = tables
        self.differs = differs
        self.together = together
        self.end = end
        self.known: dict[_Rows, bool] = {}
        # Rows of all tables are mixed by how far down they stand, so that a half holds rows of each, partners
        # together.
        places = [
            ((row + 0.5) / table.num_rows, at, name, row)
            for at, (name, table) in enumerate(tables.items())
            for row in range(table.num_rows)
        ]
        self.items = [(name, row) for _, _, name, row in sorted(places)]
        self.everything: _Rows = frozenset(range(len(self.items)))
        self.smallest = self.everything

    def cut(self, rows: _Rows) -> dict[str, pa.Table]:
        kept: dict[str, list[int]] = {name: [] for name in self.tables}
        for name, row in sorted(self.items[item] for item in rows):
            kept[name].append(row)
        return {name: table.take(pa.array(kept[name], pa.int64())) for name, table in self.tables.items()}

    def judge(self, candidates: Sequence[_Rows], always: bool = False) -> list[bool]:
        """Whether the answers differ on each; TimeoutError where time is up before all are known."""
        new = [rows for rows in dict.fromkeys(candidates) if rows not in self.known]
        size = 1 if self.together is None else _BATCH
        for start in range(0, len(new), size):
            if time.monotonic() >= self.end and not always:
                raise TimeoutError
            part = new[start : start + size]
            inputs = [self.cut(rows) for rows in part]
            verdicts = [self.differs(inputs[0])] if self.together is None else self.together(inputs)
            for rows, verdict in zip(part, verdicts, strict=True):
                self.known[rows] = bool(verdict)
                if verdict and len(rows) < len(self.smallest):
                    self.smallest = rows
        return [self.known[rows] for rows in candidates]

    def run(self) -> _Rows:
        if self.judge([frozenset()])[0]:
            return frozenset()
        if not self.everything:
            return self.everything
        rows = self.everything
        size = (len(rows) + 1) // 2
        while True:
            parts = _parts(rows, size)
            left = self._without(rows, parts)
            if size == 1 and left == rows:
                return rows
            # After a pass over single rows another one follows: leaving out one row may allow another to go.
            size = min((size + 1) // 2 if size > 1 else 1, max(1, (len(left) + 1) // 2))
            rows = left

    def _without(self, rows: _Rows, parts: Sequence[_Rows]) -> _Rows:
        """The rows less as many of these parts as can go."""
        if self.together is None:
            for part in parts:
                if self.judge([rows - part])[0]:
                    rows -= part
            return rows
        gone = [
            part for part, can_go in zip(parts, self.judge([rows - part for part in parts]), strict=True) if can_go
        ]
        if len(gone) < 2:
            return rows - gone[0] if gone else rows
        # What can go alone can often go together: all the first n of them, for each n, in one more call.
        steps = [rows]
        for part in gone:
            steps.append(steps[-1] - part)
        verdicts = self.judge(steps[2:])
        return min(
            (step for step, verdict in zip(steps[2:], verdicts, strict=True) if verdict), key=len, default=steps[1]
        )


def _parts(rows: _Rows, size: int) -> list[_Rows]:
    ordered = sorted(rows)
    return [frozenset(ordered[start : start + size]) for start in range(0, len(ordered), size)]
