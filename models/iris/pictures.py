"""Pictures of the Iris model as PNG bytes; each says with its arguments what it shows.

``areas`` is what one reads off ``decision_regions``.

Nothing here touches pyplot or any global state, so that several can be drawn at a time.
"""

from __future__ import annotations

from models.iris._anatomy import anatomy
from models.iris._charts import accuracy_by_k, confusion, importance
from models.iris._scatter import areas, decision_regions, flower_among_all
from models.iris._steps import three_steps

__all__ = [
    "accuracy_by_k",
    "anatomy",
    "areas",
    "confusion",
    "decision_regions",
    "flower_among_all",
    "importance",
    "three_steps",
]
