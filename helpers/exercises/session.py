"""The Spark session that lessons speak: Spark Connect, on one shared warm server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from helpers import services, spark
from helpers.core.errors import UserError
from helpers.core.settings import settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def teaching_session() -> SparkSession:
    """This process's session on the Connect server, started if it is not up, or on the cluster of SPARK_MASTER.

    Raises ServiceError or SetupError.
    """
    cluster = settings().spark_master and not settings().spark_remote
    services.ensure("s3" if cluster else "connect")
    where = services.endpoints()
    return spark.session("teaching", spark.Endpoints(where.s3_endpoint, where.region, where.connect_url))


@contextmanager
def held(session: SparkSession) -> Iterator[None]:
    """In this block nobody stops the session: who tries gets a UserError. An answer would end it for all cells."""

    def stop() -> NoReturn:
        raise UserError(
            "The Spark session is the whole notebook's, and an answer must not stop it.", "Leave out stop()."
        )

    session.stop = stop  # type: ignore[method-assign]
    try:
        yield
    finally:
        vars(session).pop("stop", None)
