"""Two people at one notebook: Jupyter's own sessions, with kernels that are counted instead of started."""

import asyncio
from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from helpers.desk.one_kernel import OneKernel


class Kernels(MappingKernelManager):
    """Each start takes a moment, in which others go on."""

    def __init__(self):
        super().__init__()
        self.started = []

    async def start_kernel(self, **asked):
        await asyncio.sleep(0.01)
        self.started.append(f"kernel-{len(self.started)}")
        return self.started[-1]

    def __contains__(self, kernel_id):
        return kernel_id in self.started

    def cwd_for_path(self, path, **rest):
        return "."

    def kernel_model(self, kernel_id):
        return {"id": kernel_id}


class Sessions(OneKernel):
    async def kernel_culled(self, kernel_id):
        return False

    async def start_kernel_for_session(self, **asked):
        return await self.kernel_manager.start_kernel()


@pytest.fixture
def opened():
    """Opens notebooks in the same moment, each a (path, name); returns the sessions and the kernels."""

    def together(*notebooks):
        async def open_all():
            kernels = Kernels()
            sessions = Sessions(kernel_manager=kernels)
            asked = [sessions.create_session(path, name=name, type="notebook") for path, name in notebooks]
            return SimpleNamespace(sessions=await asyncio.gather(*asked), started=kernels.started)

        return asyncio.run(open_all())

    return together


def test_two_who_open_a_notebook_in_the_same_moment_share_its_kernel(opened):
    found = opened(("lessons/1-random-name", "one.ipynb"), ("lessons/2-random-name", "one.ipynb"))
    assert len(found.started) == 1
    assert len({session["kernel"]["id"] for session in found.sessions}) == 1
    assert [session["path"] for session in found.sessions] == ["lessons/1-random-name", "lessons/2-random-name"]


def test_two_notebooks_have_a_kernel_each(opened):
    found = opened(("lessons/1-random-name", "one.ipynb"), ("lessons/2-random-name", "two.ipynb"))
    assert len({session["kernel"]["id"] for session in found.sessions}) == 2
