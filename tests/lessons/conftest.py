import pytest

from helpers import spark as room


@pytest.fixture(scope="package")
def spark(jvm):
    # No lesson of tables reaches S3: a closed port would tell.
    return room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="lessons")
