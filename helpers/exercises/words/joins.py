"""Joins: names that both sides have, or neither."""

from __future__ import annotations

from helpers.exercises.words.model import Entry

JOINS = (
    Entry(
        "column not of this DataFrame",
        "This DataFrame has no column {name}: it is misspelt, an earlier step left it out, or it belongs to a "
        "DataFrame that must be joined in first.",
        'df.join(other, "site_id").select("title")',
        ("CANNOT_RESOLVE_DATAFRAME_COLUMN",),
    ),
    Entry(
        "column of another DataFrame",
        "{missingAttributes} belongs to another DataFrame, or an earlier step left it out: join first, or take it "
        "before it goes.",
        'df.join(other, "site_id").select("title")',
        ("MISSING_ATTRIBUTES",),
    ),
    Entry(
        "ambiguous column",
        "Both sides of the join have a column {name}, and Spark keeps both. Join by the column's name to keep one, "
        "or say which you mean.",
        'a.join(b, "site_id")                  # one site_id\na.join(b, a.site_id == b.site_id).select(a.site_id)',
        ("AMBIGUOUS_REFERENCE",),
    ),
    Entry(
        "self join",
        "Both sides of the join are the same DataFrame, so its columns mean either. As in SQL, give each side an "
        "alias and write the columns with it.",
        'a, b = df.alias("a"), df.alias("b")\na.join(b, F.col("a.manager_id") == F.col("b.technician_id"))',
        ("AMBIGUOUS_COLUMN_REFERENCE", "_LEGACY_ERROR_TEMP_1182"),
    ),
    Entry(
        "join by a condition in a text",
        "A text as the condition of a join is the name of a column that both sides have, and {colName} is taken for "
        "one. A condition is made of columns.",
        'a.join(b, "site_id")\na.join(b, a.site_id == b.site_id)',
        ("UNRESOLVED_USING_COLUMN_FOR_JOIN",),
        test=lambda f: "=" in f.parameters.get("colName", ""),
    ),
    Entry(
        "join column on one side only",
        "The {side} side of the join has no column {colName}. It has: {suggestion}. Names that differ are joined by "
        "a condition.",
        "a.join(b, a.parent_id == b.asset_id)",
        ("UNRESOLVED_USING_COLUMN_FOR_JOIN",),
    ),
    Entry(
        "kind of join",
        'There is no join of the kind {typ}: the word is "left", "right", "full", "left_semi", "left_anti" or '
        '"cross".',
        'a.join(b, "site_id", "left")',
        ("UNSUPPORTED_JOIN_TYPE",),
    ),
)
