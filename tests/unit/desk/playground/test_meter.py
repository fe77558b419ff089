"""A bar with a button, in a kernel of its own, for only there a cell can keep a click waiting."""

import time

import pytest
from jupyter_client.manager import start_new_kernel

from helpers.core.settings import ROOT
from helpers.desk.playground.meter import Meter

MADE = """
from helpers.desk.playground.meter import Meter
meter = Meter(lambda: print("stopped"), "stop()")
meter.show(0.5, "half")
print(meter.stop.comm.comm_id)
"""


def test_a_bar_shows_how_far_it_is_and_what_stops_it():
    clicks = []
    meter = Meter(lambda: clicks.append(1), "stop()")
    meter.show(0.5, "half")
    meter.stop.click()
    assert (meter.bar.value, meter.words.value, meter.stop.tooltip, clicks) == (0.5, "half", "stop()", [1])
    meter.show(1.0, "over", over=True)
    assert meter.stop.disabled


@pytest.mark.proof
def test_a_click_is_heard_while_a_cell_runs():
    manager, client = start_new_kernel(cwd=str(ROOT), extra_arguments=["--log-level=40"])
    try:
        made = client.execute(MADE)
        (comm,) = printed(client, made)
        client.control_channel.send(client.session.msg("create_subshell_request", {}))
        subshell = client.get_control_msg(timeout=60)["content"]["subshell_id"]
        cell = client.execute("import time; print('begun', flush=True); time.sleep(60)")
        while client.get_iopub_msg(timeout=60)["content"].get("text") != "begun\n":
            pass
        # As Lab does: over the subshell that it made for widgets.
        click = client.session.msg(
            "comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": {"event": "click"}}}
        )
        click["header"]["subshell_id"] = subshell
        client.shell_channel.send(click)
        began = time.monotonic()
        while client.get_iopub_msg(timeout=60)["content"].get("text") != "stopped\n":
            pass
        assert time.monotonic() - began < 30, cell
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def printed(client, cell):
    """The lines that a cell prints until it is over."""
    lines = []
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != cell:
            continue
        if message["msg_type"] == "stream":
            lines += message["content"]["text"].split()
        if message["content"].get("execution_state") == "idle":
            return lines
