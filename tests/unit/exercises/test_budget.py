from dataclasses import replace

import pytest

from helpers.exercises.budget import Budget, overrun
from helpers.spark.plan import Node, Plan


def scan(columns=("site_id", "kw"), pushed="", pruned="", files=4, rows=10):
    output = ", ".join(f"{name}#{at}" for at, name in enumerate((*columns, "month")))
    schema = ",".join(f"{name}:string" for name in columns)
    details = {
        "Output": f"[{output}]",
        "PushedFilters": f"[IsNotNull(kw){pushed}]",
        "PartitionFilters": f"[{pruned}]",
        "ReadSchema": f"struct<{schema}>",
    }
    return Node("Scan parquet", details, {"numFiles": files, "filesSize": 1000, "numOutputRows": rows})


def moving(rows):
    return Node("Exchange", metrics={"shuffleRecordsWritten": rows})


def plan(*steps, leaf=None):
    node = leaf or scan()
    for step in steps:
        node = replace(step if isinstance(step, Node) else Node(step), children=(node,))
    return Plan(node, ran=True)


@pytest.mark.parametrize(
    ("budget", "kept", "over", "words"),
    [
        (Budget(shuffles=1), plan("Exchange"), plan("Exchange", "Exchange"), "shuffled twice; once is enough"),
        (Budget(shuffles=0), plan("BroadcastExchange"), plan("Exchange"), "shuffled once; not at all is enough"),
        (Budget(python=False), plan("Project"), plan("ArrowEvalPython"), "through Python once"),
        (Budget(join="broadcast"), plan("BroadcastHashJoin"), plan("SortMergeJoin"), "A join is a SortMergeJoin"),
        (Budget(files=4), plan(), plan(leaf=scan(files=5)), "5 files are read; 4 are enough"),
        (Budget(rows=10), plan(), plan(leaf=scan(rows=12_345)), "12,345 rows are read from the files; 10 are enough"),
        (Budget(moved=10), plan(moving(10)), plan(moving(1_234)), "1,234 rows are shuffled or broadcast; 10 are"),
        (Budget(shuffles=1), plan(), plan(leaf=Node("InMemoryTableScan")), "from a cache or a checkpoint"),
        (Budget(pushed=("kw",)), plan(leaf=scan(pushed=", LessThan(kw,5)")), plan(), "kw is not pushed"),
        (Budget(pruned=("month",)), plan(leaf=scan(pruned="(month#9 = 3)")), plan(), "left out by month"),
        (
            Budget(pruned=("month",)),
            plan(leaf=scan(pruned="(month#9 = 3)")),
            plan(leaf=scan(pruned="isnotnull(month#9)")),
            "left out by month",
        ),
        (Budget(columns=("site_id", "kw")), plan(), plan(leaf=scan(("site_id", "kw", "note"))), "reads note, too"),
        (
            Budget(reads=1),
            plan(),
            Plan(Node("Union", children=(scan(), scan())), ran=True),
            "read twice; once is enough",
        ),
    ],
)
def test_a_limit_is_kept_or_its_overrun_is_told(budget, kept, over, words):
    assert overrun(kept, budget) == ""
    assert words in overrun(over, budget)
    assert len(budget.words()) == 1


def test_a_budget_that_limits_nothing_or_knows_no_such_join_is_refused():
    with pytest.raises(ValueError, match="limits something"):
        Budget()
    with pytest.raises(ValueError, match="no join strategy"):
        Budget(join="nested")
