"""The page at the server's root: the chat, the flower playground and the review desk.

``routes`` serves the files beside this one and the figures that they ask for; ``flower`` and
``desk`` ask the models for these; ``markdown`` turns what the assistant says into HTML.

Of the files, ``index.html`` holds what is always there, ``page.css`` the look, ``main.js`` the way
from one view to another, ``chat.js``, ``flowers.js`` with ``panel.js``, and ``review.js`` one view
each, and ``shared.js`` what these share. Messages go over the REST channel like everybody's.
"""

from __future__ import annotations

from bot.channels.page.routes import blueprint

__all__ = ["blueprint"]
