"""The address that a server listens on."""

from __future__ import annotations

import socket


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Take an address, so that a port in use is found before minutes of loading.

    Args:
        host: address, or a name of this machine.
        port: number of the port.
        shared: whether other processes of this server may take the same address; the system
            then spreads connections over those that listen.

    Raises:
        OSError: if the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind((host, port))
        taken.listen(100)
    except OSError:
        taken.close()
        raise
    return taken
