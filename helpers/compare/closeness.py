"""When two doubles are the same, and how many rows of two bags can be paired at most when doubles differ a little.

Close is not transitive, so rounding or hashing would tear neighbours apart: what counts is a largest pairing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

Vector = tuple[float, ...]
Bag = dict[Vector, int]
"""How often each vector of finite doubles is there."""

_SMALL = 0.001


def close(one: float, other: float, tolerance: float) -> bool:
    """|one - other| <= tolerance * max(|one|, |other|, 0.001).

    The last term is for sums that should be 0 and are not quite, by the order in which they were added.
    """
    return one == other or abs(one - other) <= tolerance * max(abs(one), abs(other), _SMALL)


def unpaired(left: Bag, right: Bag, tolerances: Sequence[float]) -> tuple[Bag, Bag]:
    """What is left over on each side of a largest pairing of close vectors.

    All vectors have the length of `tolerances`; two are close where each pair of coordinates is.
    """
    if left == right:
        return {}, {}
    over_left: Bag = {}
    over_right: Bag = {}
    for ours, theirs in _clusters(list(left), list(right), tolerances):
        one, other = {vector: left[vector] for vector in ours}, {vector: right[vector] for vector in theirs}
        if one and other:
            pair = _sweep if len(_varying([*ours, *theirs])) <= 1 else _flow
            pair(one, other, tolerances)
        over_left |= {vector: count for vector, count in one.items() if count}
        over_right |= {vector: count for vector, count in other.items() if count}
    return over_left, over_right


def near(one: Vector, other: Vector, tolerances: Sequence[float]) -> bool:
    """True where each coordinate is close."""
    return all(close(a, b, tolerance) for a, b, tolerance in zip(one, other, tolerances, strict=True))


def _varying(vectors: list[Vector]) -> list[int]:
    return [at for at, values in enumerate(zip(*vectors, strict=True)) if len(set(values)) > 1]


def _clusters(
    left: list[Vector], right: list[Vector], tolerances: Sequence[float]
) -> Iterator[tuple[list[Vector], list[Vector]]]:
    """Parts between which no pair is close: cut, one coordinate after the other, wherever two neighbours are not."""
    pending = [([(v, 0) for v in left] + [(v, 1) for v in right], 0, 0)]
    while pending:
        nodes, at, uncut = pending.pop()
        if uncut == len(tolerances):
            yield [v for v, side in nodes if side == 0], [v for v, side in nodes if side == 1]
            continue
        nodes.sort(key=lambda node: node[0][at])
        starts = [0] + [
            place
            for place in range(1, len(nodes))
            if not close(nodes[place - 1][0][at], nodes[place][0][at], tolerances[at])
        ]
        following = (at + 1) % len(tolerances)
        for start, end in zip(starts, [*starts[1:], len(nodes)], strict=True):
            pending.append((nodes[start:end], following, uncut + 1 if len(starts) == 1 else 1))


def _sweep(left: Bag, right: Bag, tolerances: Sequence[float]) -> None:
    # In one dimension pairing the smallest with the smallest is never wrong: what is close to a number is an interval
    # whose both ends grow with the number.
    ours, theirs = sorted(left), sorted(right)
    i = j = 0
    while i < len(ours) and j < len(theirs):
        if near(ours[i], theirs[j], tolerances):
            both = min(left[ours[i]], right[theirs[j]])
            left[ours[i]] -= both
            right[theirs[j]] -= both
            i, j = i + (left[ours[i]] == 0), j + (right[theirs[j]] == 0)
        elif ours[i] < theirs[j]:
            i += 1
        else:
            j += 1


def _flow(left: Bag, right: Bag, tolerances: Sequence[float]) -> None:
    """A largest flow from left to right along close pairs, by shortest augmenting paths."""
    edges = _edges(sorted(left), sorted(right), tolerances)
    sent: dict[Vector, Bag] = {b: {} for b in right}
    for vector in left:
        if vector in right:
            both = min(left[vector], right[vector])
            _send(left, right, sent, [(vector, vector)], both)
    for a, partners in edges.items():
        for b in partners:
            if both := min(left[a], right[b]):
                _send(left, right, sent, [(a, b)], both)
    while path := _path(left, right, edges, sent):
        back = [sent[b][a] for (_, b), (a, _) in pairwise(path)]
        _send(left, right, sent, path, min([left[path[0][0]], right[path[-1][1]], *back]))


def _edges(ours: list[Vector], theirs: list[Vector], tolerances: Sequence[float]) -> dict[Vector, list[Vector]]:
    # Both are sorted: what is close in the first coordinate is a stretch of `theirs` that only moves on.
    edges: dict[Vector, list[Vector]] = {}
    start = 0
    for a in ours:
        while start < len(theirs) and theirs[start][0] < a[0] and not close(theirs[start][0], a[0], tolerances[0]):
            start += 1
        edges[a] = []
        for b in islice(theirs, start, None):
            if b[0] > a[0] and not close(a[0], b[0], tolerances[0]):
                break
            if near(a, b, tolerances):
                edges[a].append(b)
    return edges


def _send(left: Bag, right: Bag, sent: dict[Vector, Bag], path: list[tuple[Vector, Vector]], count: int) -> None:
    for at, (a, b) in enumerate(path):
        sent[b][a] = sent[b].get(a, 0) + count
        if at + 1 < len(path):
            sent[b][path[at + 1][0]] -= count
    left[path[0][0]] -= count
    right[path[-1][1]] -= count


def _path(
    left: Bag, right: Bag, edges: dict[Vector, list[Vector]], sent: dict[Vector, Bag]
) -> list[tuple[Vector, Vector]]:
    """Pairs (a, b) from a vector still unpaired on the left to one on the right; between them a pairing is undone."""
    queue: deque[list[tuple[Vector, Vector]]] = deque()
    seen: set[Vector] = set()

    def reach(a: Vector, before: list[tuple[Vector, Vector]]) -> None:
        for b in edges[a]:
            if b not in seen:
                seen.add(b)
                queue.append([*before, (a, b)])

    for a, count in left.items():
        if count:
            reach(a, [])
    while queue:
        path = queue.popleft()
        b = path[-1][1]
        if right[b]:
            return path
        for a, count in sent[b].items():
            if count:
                reach(a, path)
    return []
