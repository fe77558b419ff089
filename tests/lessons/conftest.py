import pytest

from helpers import services
from helpers import spark as room
from helpers.exercises import teaching_session


@pytest.fixture(scope="package")
def spark(running):
    """What learners have: a session on the Connect server."""
    room.stop()
    yield teaching_session()
    # Before its server: a session that outlives it waits for minutes.
    room.stop()
    services.down(["connect"])
