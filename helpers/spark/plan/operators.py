"""Spark's formatted plan, taken apart: the tree of numbered operators above, the block of details of each below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_HEADING = "== Physical Plan =="
_SUBQUERIES = "\n===== Subqueries =====\n"
_BRANCH = re.compile(r"(?P<indent>(?:[: ] {2})*)(?P<mark>[:+]- )?(?P<text>.*) \((?P<number>\d+)\)$")
_SUBQUERY = re.compile(r"\nSubquery:\d+ Hosting operator id = \d+ Hosting Expression = ([^\n]*)\n")
_PRUNES = re.compile(r".* IN dynamicpruning#\d+")
_DETAIL = re.compile(r"([A-Z][A-Za-z ]*?)(?: \[\d+\])?\s?: ?(.*)", re.DOTALL)


@dataclass(frozen=True)
class Operator:
    """One operator as it was planned, before anything ran.

    number: as in the text. name: `Scan parquet`, `Exchange`, `BroadcastHashJoin` ... (without the join's type, which
    is a detail). details: `PushedFilters` -> its text, and so on; a line break within a value is kept.
    """

    number: int
    name: str
    details: dict[str, str]
    children: tuple[Operator, ...] = ()

    def __iter__(self) -> Iterator[Operator]:
        """This operator and all below it, each before its children."""
        yield self
        for child in self.children:
            yield from child


def parse(text: str) -> tuple[Operator, ...]:
    """The trees of `explain(mode="formatted")`: the query's, then its subqueries', each once.

    Those that only leave out folders are not among them: for these Spark takes a broadcast that the query makes
    anyway, or does without. Only the place of a line tells what it is: a filter's text may hold anything, other
    operators' names included. Raises ValueError for what is no such text.
    """
    body = text.partition(_HEADING + "\n")[2]
    if not body:
        raise ValueError("this is no formatted plan")
    main, *rest = body.split(_SUBQUERIES)
    trees = [_tree(main)]
    _, *parts = _SUBQUERY.split("\n" + _SUBQUERIES.join(rest))
    for hosted, part in zip(parts[::2], parts[1::2], strict=True):
        if "\n\n" in part.strip("\n") and not _PRUNES.fullmatch(hosted):
            # A subquery that another operator reuses comes again, without blocks.
            trees.append(_tree(part))
    return tuple(trees)


def _tree(text: str) -> Operator:
    drawing, _, blocks = text.lstrip("\n").partition("\n\n\n")
    lines = [_BRANCH.match(line) for line in drawing.splitlines()]
    found = [(len(line["indent"]) // 3 + bool(line["mark"]), line) for line in lines if line]
    names = {int(line["number"]): _name(line["text"]) for _, line in found}
    details = _details(blocks, names)
    made = [
        (depth, Operator(int(line["number"]), _name(line["text"]), details.get(int(line["number"]), {})))
        for depth, line in found
    ]
    return _nested(made)


def _nested(made: list[tuple[int, Operator]]) -> Operator:
    root, below = made[0][1], made[1:]
    if not below:
        return root
    highest = min(depth for depth, _ in below)
    starts = [at for at, (depth, _) in enumerate(below) if depth == highest]
    parts = [below[at:end] for at, end in zip(starts, [*starts[1:], len(below)], strict=True)]
    return replace(root, children=tuple(_nested(part) for part in parts))


def _name(text: str) -> str:
    """Without what the drawing puts around an operator's own name: code generation's star, a join's type and side."""
    name = text.removeprefix("* ").strip()
    first = name.split(" ")[0]
    return first if "Join" in first or first == "CartesianProduct" else name


def _details(blocks: str, names: dict[int, str]) -> dict[int, dict[str, str]]:
    """Each number's block. From the last to the first, for a value may hold what looks like an earlier block."""
    found: dict[int, dict[str, str]] = {}
    end = "\n\n" + blocks
    for number in sorted(names, reverse=True):
        head = f"\n\n({number}) {names[number]}"
        at = end.rfind(head)
        if at < 0:
            continue
        lines = end[at + 2 :].rstrip("\n").split("\n")[1:]
        found[number] = _pairs(lines)
        end = end[:at]
    return found


def _pairs(lines: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    last = ""
    for line in lines:
        match = _DETAIL.fullmatch(line)
        if match and match[1] not in pairs:
            last = match[1]
            pairs[last] = match[2]
        elif last:
            pairs[last] += "\n" + line
    return pairs
