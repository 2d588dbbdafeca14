"""Whether a server could listen where it is asked to."""

from __future__ import annotations

import socket


def check_free(host: str, port: int) -> None:
    """Bind and release an address, so that a port in use is found before minutes of loading.

    Raises:
        OSError: if the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
