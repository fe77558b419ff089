"""For Jupyter's server: a notebook has one kernel, also where two people open it in the same moment."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from jupyter_server.services.sessions.sessionmanager import SessionManager


class OneKernel(SessionManager):
    """Jupyter's sessions, of which a notebook never gets a second one.

    Jupyter asks whether there is a session and then makes one; whoever asks in between gets a kernel of their own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._making: defaultdict[str | None, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def create_session(self, path: str | None = None, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The session of the notebook at `path`, made if there is none."""
        async with self._making[path]:
            if await self.session_exists(path=path):
                return dict(await self.get_session(path=path))
            return dict(await super().create_session(path, *args, **kwargs))
