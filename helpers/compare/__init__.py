"""Are these two results the same, and if not, what differs first, on how small an input. No JVM and no notebook."""

from helpers.compare.difference import Cell, Difference, difference
from helpers.compare.grid import Marks
from helpers.compare.render import html_table, text_table
from helpers.compare.shrink import Shrunk, shrink
from helpers.compare.table import arrow_type, spark_type
from helpers.compare.terms import Column, OrderItem, Terms, TermsBroken

__all__ = [
    "Cell",
    "Column",
    "Difference",
    "Marks",
    "OrderItem",
    "Shrunk",
    "Terms",
    "TermsBroken",
    "arrow_type",
    "difference",
    "html_table",
    "shrink",
    "spark_type",
    "text_table",
]
