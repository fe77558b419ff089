"""Conditions: Python's `and`, `if` and `max` ask a column for its value, and a column has none until Spark runs."""

from __future__ import annotations

import ast

from helpers.exercises.words.facts import Facts
from helpers.exercises.words.model import Entry

_BOOL = ("CANNOT_CONVERT_COLUMN_INTO_BOOL",)
_BUILTIN = ("max", "min", "sum", "any", "all", "sorted")


def _joins(facts: Facts, *kinds: type[ast.operator]) -> bool:
    node = facts.node
    return isinstance(node, ast.Compare) and any(
        isinstance(one, ast.BinOp) and isinstance(one.op, kinds) for one in (node.left, *node.comparators)
    )


def _is_none(facts: Facts) -> bool:
    return facts.node is not None and any(
        isinstance(one, ast.Compare) and any(isinstance(sign, ast.Is | ast.IsNot) for sign in one.ops)
        for one in ast.walk(facts.node)
    )


CONDITIONS = (
    Entry(
        "builtin aggregate",
        "This {called} is Python's own, which goes through values one by one. Spark's has F. before it.",
        'df.agg(F.max("latitude"))\nF.greatest("latitude", "longitude")     # the larger of two columns',
        test=lambda f: (
            f.called in _BUILTIN
            and isinstance(getattr(f.node, "func", None), ast.Name)
            and (
                f.about("NOT_ITERABLE", *_BOOL)
                or f.message.startswith("unsupported operand type(s) for +: 'int' and")
            )
        ),
    ),
    Entry(
        "builtin aggregate in agg",
        "agg wants columns, and Python's own max or a mere text is none: Spark's functions have F. before them.",
        'df.groupBy("kind").agg(F.max("latitude"))',
        errors=("AssertionError",),
        test=lambda f: f.called == "agg",
    ),
    Entry(
        "parentheses missing around &",
        "& and | bind tighter than == and > in Python, unlike AND and OR in SQL: put each comparison into "
        "parentheses.",
        '(F.col("kind") == "wind") & (F.col("latitude") > 1)',
        _BOOL,
        test=lambda f: _joins(f, ast.BitAnd, ast.BitOr),
    ),
    Entry(
        "and, or between columns",
        "Python's and and or cannot join conditions on columns. AND is &, OR is |, with parentheses around each "
        "comparison.",
        '(F.col("kind") == "wind") & (F.col("latitude") > 1)',
        _BOOL,
        test=lambda f: isinstance(f.node, ast.BoolOp),
    ),
    Entry(
        "not before a column",
        "Python's not cannot turn a condition on columns around. NOT is ~, with parentheses around the condition.",
        '~(F.col("kind") == "wind")',
        _BOOL,
        test=lambda f: isinstance(f.node, ast.UnaryOp),
    ),
    Entry(
        "in with a column",
        "Python's in cannot look for a column's value. SQL's IN is isin; a part of a text is contains.",
        'F.col("kind").isin("wind", "solar")\nF.col("name").contains("Park")',
        (*_BOOL, "CANNOT_APPLY_IN_FOR_COLUMN"),
        test=lambda f: (
            isinstance(f.node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in f.node.ops)
        ),
    ),
    Entry(
        "comparison in a row",
        "1 < x < 5 is two comparisons joined by Python's and. Spark has between, which includes both ends, as in "
        "SQL.",
        'F.col("latitude").between(1, 5)',
        _BOOL,
        test=lambda f: isinstance(f.node, ast.Compare) and len(f.node.ops) > 1,
    ),
    Entry(
        "column in an if",
        "An if decides once, while Python runs; a column has a value for each row, and only when Spark runs. SQL's "
        "CASE is F.when.",
        'F.when(F.col("kind") == "wind", 1).otherwise(0)',
        _BOOL,
    ),
    Entry(
        "is None",
        "Python's is looks at the column itself, and that is never None. IS NULL is isNull(); == None is not it "
        "either, for no comparison with NULL is true.",
        'df.where(F.col("name").isNull())',
        ("NOT_EXPECTED_TYPE",),
        given={"arg_type": ("bool",)},
        test=_is_none,
    ),
    Entry(
        "condition that Python decided",
        "This condition was True or False before Spark saw it: it compares texts or methods, not columns. A column "
        "is F.col(...), and a method wants its parentheses.",
        'df.where(F.col("kind") == "wind")',
        ("NOT_EXPECTED_TYPE",),
        given={"arg_type": ("bool",), "arg_name": ("condition",)},
    ),
    Entry(
        "lambda as a condition",
        "A lambda is called row by row; Spark wants the condition as an expression of columns instead.",
        'df.where(F.col("kind") == "wind")',
        test=lambda f: (
            f.parameters.get("arg_type") == "function"
            or (f.holder == "function" and f.called in ("where", "filter", "withColumn"))
        ),
    ),
    Entry(
        "= in a call",
        "Within parentheses = names an argument in Python. To compare is ==.",
        'df.where(F.col("kind") == "wind")',
        errors=("TypeError",),
        test=lambda f: f.called in ("where", "filter") and "unexpected keyword argument" in f.message,
    ),
    Entry(
        "two conditions in where",
        "where takes one condition: join two of them by &, or write where twice.",
        'df.where((F.col("kind") == "wind") & (F.col("latitude") > 1))',
        errors=("TypeError",),
        test=lambda f: f.called in ("where", "filter") and "positional arguments but" in f.message,
    ),
    Entry(
        "text in when",
        "F.when wants a column as its condition. SQL text becomes one by F.expr.",
        "F.when(F.expr(\"kind = 'wind'\"), 1).otherwise(0)",
        ("NOT_EXPECTED_TYPE",),
        given={"arg_name": ("condition",), "arg_type": ("str",)},
    ),
    Entry(
        "when and otherwise",
        "A CASE begins with F.when, goes on with .when, and ends with .otherwise, at most once.",
        'F.when(F.col("kind") == "wind", 1).when(F.col("kind") == "solar", 2).otherwise(0)',
        test=lambda f: (
            f.called in ("when", "otherwise") and f.error in ("IllegalArgumentException", "PySparkTypeError")
        ),
    ),
    Entry(
        "loop over a column",
        "A column is an expression, not its values: there is nothing to go through. Collect the rows first, or say "
        "it as an expression.",
        'for row in df.select("name").collect(): ...',
        ("NOT_ITERABLE",),
    ),
    Entry(
        "Python function on a column",
        "Python's own functions want a value, and a column has one for each row. Spark's twins have F. before them.",
        'F.round("latitude", 1), F.abs("latitude"), F.length("name"), F.col("x").cast("int")',
        errors=("TypeError",),
        test=lambda f: (
            f.called in ("int", "float", "round", "abs", "len", "range", "str", "pow", "divmod")
            and "Column" in f.message
        ),
    ),
    Entry(
        "format of a column",
        "An f-text is made while Python runs, and a column has no value then. format_number and format_string make "
        "texts of columns.",
        'F.format_number("latitude", 2)\nF.format_string("%s: %s", "name", "kind")',
        errors=("TypeError",),
        test=lambda f: "Column.__format__" in f.message,
    ),
)
