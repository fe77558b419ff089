"""What all tests share: those of the project, in `tests/`, and those of one's own pipelines, in `pipelines/`."""

pytest_plugins = ["tests.fixtures"]
