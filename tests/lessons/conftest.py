import pytest

from tests.conftest import connect_session


@pytest.fixture(scope="package")
def spark(running):
    with connect_session() as session:
        yield session
