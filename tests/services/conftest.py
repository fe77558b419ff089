import shutil
import tempfile
from pathlib import Path

import pytest

from helpers import services
from helpers.core.settings import settings

REMOTE = ("KAFKA_BOOTSTRAP_SERVERS", "AWS_ENDPOINT_URL", "DATABASE_URL")


@pytest.fixture(scope="session")
def running():
    """All services in a work folder of their own, on whatever ports are free."""
    # Not pytest's own folder: nobody but root can reach that, and PostgreSQL does not run as root.
    work = Path(tempfile.mkdtemp(prefix="gridbridge-services-"))
    work.chmod(0o755)
    patch = pytest.MonkeyPatch()
    patch.setenv("GRIDBRIDGE_WORK", str(work))
    for name in REMOTE:
        patch.delenv(name, raising=False)
    settings.cache_clear()
    try:
        services.ensure()
        yield services.SERVICES
    finally:
        services.down()
        patch.undo()
        settings.cache_clear()
        shutil.rmtree(work, ignore_errors=True)
