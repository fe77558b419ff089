from helpers.bridge.verification.operators import difference_of, products
from helpers.spark.plan import Node, Plan


def plan(*names: str) -> Plan:
    node = Node(names[-1])
    for name in reversed(names[:-1]):
        node = Node(name, children=(node,))
    return Plan(node)


def test_operators_agree_in_kind_and_number() -> None:
    assert difference_of(plan("Sort", "Filter", "Scan"), plan("Filter", "Sort", "Scan")) == ""
    assert difference_of(plan("Sort", "Scan"), plan("Scan")) == "the query's plan has 1 Sort more"
    told = difference_of(plan("Sort", "Scan"), plan("Filter", "Filter", "Scan"))
    assert told == "the query's plan has 1 Sort more, and the code's plan has 2 Filter more"


def test_a_join_of_all_with_all_is_a_product() -> None:
    assert products(plan("Project", "CartesianProduct", "Scan"))
    assert products(plan("BroadcastNestedLoopJoin", "Scan"))
    assert not products(plan("SortMergeJoin", "Scan"))


def test_a_join_with_a_single_row_is_no_product() -> None:
    count = Node("BroadcastExchange", children=(Node("HashAggregate", {"Keys": "[]"}, children=(Node("Scan"),)),))
    groups = Node("HashAggregate", {"Keys": "[region#1]"}, children=(Node("Scan"),))
    assert not products(Plan(Node("BroadcastNestedLoopJoin", children=(Node("Scan"), count))))
    assert not products(
        Plan(Node("CartesianProduct", children=(count, Node("CartesianProduct", children=(count, groups)))))
    )
    assert products(Plan(Node("CartesianProduct", children=(Node("Scan"), groups))))
