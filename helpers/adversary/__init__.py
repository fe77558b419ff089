"""From SQL text: the rows that separate right from nearly right, and the queries that are one slip away. No Spark.

`families` makes rows and `fuse` puts them together, `mutants` makes the queries, `near` cuts rows down; `schema`
declares tables, and it alone reads no SQL.
"""
