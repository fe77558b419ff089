import pytest

from helpers.peak.relational import world
from helpers.pipeline.layers import silver

ASSIGNMENTS = (
    "source STRING, channel STRING, asset_id STRING, site_id STRING, quantity STRING,"
    " interval_seconds INT, feeds_gold STRING, valid_from TIMESTAMP, valid_to TIMESTAMP"
)


@pytest.fixture(scope="module")
def peak_assignments(spark):
    """The assignments of PEAK's own world, as the layers take them."""
    tables = world()
    sites = {asset[0]: asset[4] for asset in tables["assets"]}
    rows = [
        (source, channel, asset, sites[asset], quantity, interval, feeds, begin, end)
        for source, channel, asset, quantity, _, interval, feeds, begin, end in tables["meter_assignments"]
    ]
    return spark.createDataFrame(rows, ASSIGNMENTS).localCheckpoint()


@pytest.fixture(scope="module")
def file_by_itself(spark):
    """Called with messages and assignments: (readings, quarantine) of messages that none came before, as lists."""
    none = spark.createDataFrame(
        [], "topic STRING, partition INT, offset BIGINT, duplicate_of BIGINT, same_bytes BOOLEAN"
    )

    def run(messages, assignments):
        found = silver.classify(silver.judge(messages, assignments).localCheckpoint(), none)
        return found.readings.collect(), found.quarantine.collect()

    return run
