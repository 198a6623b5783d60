"""Runs a server in a network namespace of its own and relays connections to it: for servers with fixed, low ports.

    python own_network.py FD:PORT [FD:PORT ...] -- COMMAND ...

FD is an inherited listening socket outside; a connection to it is passed on to PORT on the loopback inside. Prints the
server's process id. Ends the server, and itself, on SIGTERM or when standard input is closed: so the server never
outlives the tests. A line ``down`` on standard input takes the network inside down: nobody hears anything from the
server; ``up`` brings it back. Each is answered by the same word. Needs root (or CAP_SYS_ADMIN).
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP_RUNNING = 0x1 | 0x40
_LINK = {b"up": _IFF_UP_RUNNING, b"down": 0}


def _enter_new_network() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, f"a network namespace of its own is refused ({os.strerror(number)}): run as root")
    _set_link(_IFF_UP_RUNNING)


def _set_link(flags: int) -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags, b""))


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for side in (source, sink):
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, port: int) -> None:
    while True:
        outside, _ = listener.accept()
        try:
            inside = socket.create_connection(("127.0.0.1", port), 2)
        except OSError:
            outside.close()
            continue
        inside.settimeout(None)
        for source, sink in ((outside, inside), (inside, outside)):
            threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _main(relays: list[str], command: list[str]) -> int:
    pairs = [(socket.socket(fileno=int(fd)), int(port)) for fd, _, port in (relay.partition(":") for relay in relays)]
    _enter_new_network()
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    for listener, port in pairs:
        threading.Thread(target=_serve, args=(listener, port), daemon=True).start()

    def watch() -> None:
        for line in sys.stdin.buffer:
            _set_link(_LINK[line.strip()])
            _tell(line.decode().strip())
        server.terminate()

    threading.Thread(target=watch, daemon=True).start()
    _tell(server.pid)
    return server.wait()


def _tell(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    middle = sys.argv.index("--")
    os._exit(_main(sys.argv[1:middle], sys.argv[middle + 1 :]))
