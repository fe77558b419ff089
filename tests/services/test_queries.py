"""Running queries on the real Spark Connect server: told while they run, and stopped."""

import os
import signal
import threading

import pytest
from pyspark.sql.connect.session import SparkSession as Connected
from tenacity import Retrying, stop_after_delay, wait_fixed

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.playground import running, spark_page, stop
from helpers.desk.session import session
from tests.conftest import desk_session

pytestmark = [pytest.mark.services, pytest.mark.proof]
LONG = "SELECT count(*) FROM range(1000000000000)"
# Each of its tasks looks for a stop once in a thousand rows of the range, which is hours.
RUNAWAY = (
    "SELECT count(*) FROM range(2000) LATERAL VIEW explode(sequence(1, 100000)) AS a"
    " LATERAL VIEW explode(sequence(1, 100000)) AS b"
)


@pytest.fixture(scope="module")
def spark(running):
    with desk_session() as own:
        yield own


@pytest.fixture
def begin(spark):
    """Called with SQL, it runs that in another thread; returns how it ended, in a list, once it has begun."""
    threads = []

    def run(text, on=None):
        ended = []

        def work():
            try:
                ended.append((on or session()).sql(text).collect())
            except Exception as error:
                ended.append(error)

        threads.append(threading.Thread(target=work))
        threads[-1].start()
        until(lambda: any(one.active for one in running().queries))
        return ended

    yield run
    for one in threads:
        one.join(30)
        assert not one.is_alive()


def until(true, seconds=60):
    for attempt in Retrying(stop=stop_after_delay(seconds), wait=wait_fixed(0.2), reraise=True):
        with attempt:
            assert true()


def test_a_query_is_told_and_stopped(begin):
    ended = begin(LONG)
    (query,) = running().queries
    assert (query.whose, query.state) == ("this notebook", "running")
    assert f"{query.name} | this notebook | running" in str(running())
    with pytest.raises(UserError, match=f"near it: {query.name}"):
        stop(query.name[:-1])
    panel = running().buttons()
    assert panel.which.options == (query.name,)
    panel.one.click()
    assert "no task of it is at work any more" in panel.list.value
    assert panel.one.disabled
    until(lambda: ended)
    assert "OPERATION_CANCELED" in str(ended[0])
    assert not running().queries
    assert "No query of this notebook was running" in str(stop())


def test_the_bar_follows_a_query(begin, spark):
    panel = running().buttons()
    # Some seconds: of what ends sooner Spark may report nothing.
    spark.range(0, 2 * 10**9, 1, 4).selectExpr("sum(id)").collect()
    until(lambda: "over" in panel.meter.words.value)
    assert panel.meter.stop.disabled


def test_another_sessions_query_is_told_and_stopped_by_its_name(begin, spark):
    other = Connected(connection=services.endpoints().connect_url)
    ended = begin(LONG, other)
    (query,) = running().queries
    assert query.whose == "another session"
    assert "No query of this notebook was running" in str(stop())
    assert not ended
    assert "no task of it" in str(stop(query.name))
    until(lambda: ended)
    other.stop()


def test_a_cell_that_is_interrupted_stops_its_query_on_the_server(spark):
    # What earlier tests have stopped may still be at work: the interrupt is meant for this query.
    until(lambda: not running().queries)

    def interrupted():
        until(lambda: any(one.active for one in running().queries))
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupted)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        spark.sql(LONG).collect()
    thread.join(60)
    until(lambda: not running().queries)


def test_tasks_that_do_not_end_are_told_and_end_with_the_server(begin):
    begin(RUNAWAY)
    assert "of its tasks go on until they next look" in str(stop())
    (query,) = running().queries
    assert query.state == "stopped, its tasks go on"
    assert query.active > 0
    assert "Spark is up again" in str(stop(restart=True))
    assert not running().queries
    assert session().range(3).count() == 3


def test_where_spark_runs_elsewhere_only_its_own_queries_are_told(spark, monkeypatch):
    monkeypatch.setattr(spark_page, "jobs", lambda: None)
    assert "Spark runs elsewhere" in str(running())
