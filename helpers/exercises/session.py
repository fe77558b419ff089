"""The Spark session that lessons speak: Spark Connect, on one shared warm server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers import services, spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def teaching_session() -> SparkSession:
    """This process's session on the Connect server, started if it is not up. Raises ServiceError or SetupError."""
    services.ensure("connect")
    where = services.endpoints()
    return spark.session("teaching", spark.Endpoints(where.s3_endpoint, where.region, where.connect_url))
