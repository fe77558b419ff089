"""For Jupyter's server: a notebook has one kernel, also where two people open it in the same moment."""

from __future__ import annotations

import asyncio
import posixpath
from collections import defaultdict
from typing import Any

from jupyter_server.services.sessions.sessionmanager import SessionManager


class OneKernel(SessionManager):
    """Jupyter's sessions, of which a notebook never gets a second one.

    JupyterLab looks for a session of the notebook's path, and finding none makes one under a path of its own choice
    (the folder with a random name), which it renames afterwards. Whoever looks in between gets a kernel of their own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._making: defaultdict[str | None, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def create_session(self, path: str | None = None, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The session of the notebook with that `name` in the folder of `path`, made if there is none."""
        notebook = path
        if path and kwargs.get("type") == "notebook" and (name := kwargs.get("name")):
            notebook = posixpath.join(posixpath.dirname(path), posixpath.basename(name))
        async with self._making[notebook]:
            if await self.session_exists(path=notebook):
                made = await self.get_session(path=notebook)
            else:
                made = await super().create_session(notebook, *args, **kwargs)
        # JupyterLab ends a session that does not answer to the path it asked for.
        return {**made, "path": path}
