"""The drawings that topics name, made when first asked for and off the event loop."""

from __future__ import annotations

import asyncio
import functools

from actions import pictures


@functools.lru_cache(maxsize=32)
def _draw(name: str) -> str:
    # matplotlib takes seconds to import, so only who asks for a picture waits for it.
    from models import knowledge_pictures
    from models.iris import pictures as iris_pictures

    makers = {
        "nested": knowledge_pictures.nested,
        "chart": knowledge_pictures.chart,
        "network": knowledge_pictures.network,
        "knn_steps": iris_pictures.three_steps,
        "iris_anatomy": iris_pictures.anatomy,
    }
    return pictures.store(makers[name]())


async def drawing(name: str) -> str:
    """Return the stored name of a drawing.

    Raises:
        KeyError: if there is no such drawing.
    """
    return await asyncio.to_thread(_draw, name)
