from pyspark.logger import PySparkLogger

from helpers.spark.logs import quiet


def test_a_silenced_log_is_still_pysparks_own():
    """PySpark gives its loggers words that a plain one refuses."""
    with quiet():
        assert PySparkLogger.getLogger("SQLQueryContextLogger").disabled
    log = PySparkLogger.getLogger("SQLQueryContextLogger")
    assert isinstance(log, PySparkLogger)
    assert not log.disabled
    log.error("told", errorClass="DIVIDE_BY_ZERO")
