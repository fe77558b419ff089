"""The physical plan as a tree: what ran, how much of it, what was pushed into the scans; a picture of it."""

from helpers.spark.plan.operators import Operator, parse
from helpers.spark.plan.picture import mermaid, one_line, text_tree
from helpers.spark.plan.tree import Node, Plan, Scan, plan_of

__all__ = ["Node", "Operator", "Plan", "Scan", "mermaid", "one_line", "parse", "plan_of", "text_tree"]
