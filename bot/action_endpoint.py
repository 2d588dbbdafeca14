"""Run the custom actions inside the assistant's own process."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from rasa.core.actions.action import ClientResponseError
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

PACKAGE = "actions"


class InProcessActions(EndpointConfig):
    """An action endpoint without a network: Rasa calls it as it would call an action server."""

    def __init__(self, package: str = PACKAGE) -> None:
        """Register every action of a package, as ``rasa run actions`` does."""
        super().__init__(url=f"in-process:{package}")
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Run the action that ``kwargs["json"]`` names and return its events and messages.

        Raises:
            ClientResponseError: 400 when a form rejects, which is how an action server says so.
        """
        call = kwargs["json"]
        try:
            # Give other conversations a turn between two actions of this one.
            await asyncio.sleep(0)
            return await self._executor.run(call)
        except ActionExecutionRejection as rejection:
            body = {"action_name": rejection.action_name, "error": rejection.message}
            raise ClientResponseError(400, rejection.message, json.dumps(body)) from rejection
