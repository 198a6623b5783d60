"""What starts services on the machine (systemd) is told how far this one is: the protocol of sd_notify(3).

No watchdog: a service that has much to answer would be killed for it. Whether one answers is asked from outside.
"""

import os
import socket


def tell(state: str) -> None:
    """Say e.g. ``READY=1`` or ``STOPPING=1`` where somebody listens; else nothing happens.

    :raises OSError: somebody should listen, and does not.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # An at sign stands for the zero byte that begins the name of a socket without a file (unix(7)).
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.connect(name)
        line.sendall(state.encode())
