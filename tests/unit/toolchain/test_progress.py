import pytest

from helpers.toolchain.progress import step


def test_a_log_gets_a_line_before_and_after(capfd: pytest.CaptureFixture[str]) -> None:
    with step("Making tea"):
        assert capfd.readouterr().err == "Making tea ...\n"
    assert capfd.readouterr().err == "Making tea: done in 0 s\n"


def test_a_step_that_fails_is_not_called_done(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), step("Dividing"):
        1 / 0  # noqa: B018
    assert capfd.readouterr().err == "Dividing ...\n"
