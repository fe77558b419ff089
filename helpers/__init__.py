"""Gridbridge's own package. Importing it starts no JVM and opens no socket."""
