"""Spark sessions with the project's settings. Importing this starts no JVM."""

from helpers.spark.session import Endpoints, differences, session, stop

__all__ = ["Endpoints", "differences", "session", "stop"]
