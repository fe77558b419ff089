from pyspark.logger import PySparkLogger

from helpers.spark.logs import quiet


def test_a_silenced_log_is_still_pysparks_own(monkeypatch):
    """PySpark gives its loggers words that a plain one refuses."""
    # A desk in the same process may have silenced it for good.
    monkeypatch.setattr(PySparkLogger.getLogger("SQLQueryContextLogger"), "disabled", False)
    with quiet():
        assert PySparkLogger.getLogger("SQLQueryContextLogger").disabled
    log = PySparkLogger.getLogger("SQLQueryContextLogger")
    assert isinstance(log, PySparkLogger)
    assert not log.disabled
    log.error("told", errorClass="DIVIDE_BY_ZERO")
