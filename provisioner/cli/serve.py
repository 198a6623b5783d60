"""``provisioner serve``: the pages in one process, and with the engine ``embedded`` the runner too.

One process: a second one that only watched over it would hold memory for nothing, since whatever starts services on the
machine also starts one again that died.
"""

import logging
import os
import select
import signal
import socket
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
from cheroot.server import HTTPConnection
from cheroot.wsgi import Server as WSGIServer

from provisioner.cli.allocator import keep_small
from provisioner.cli.collector import at_rest_while_loading
from provisioner.cli.opened import Command, Opened
from provisioner.cli.probe_port import probe_port
from provisioner.cli.supervisor import tell
from provisioner.dispatch.lock_file import RUNNER_LOCK, LockFile
from provisioner.errors import ConfigurationError
from provisioner.settings import Settings

if TYPE_CHECKING:
    from provisioner.cli.service import Service

_log = logging.getLogger(__name__)

_BACKLOG = 512
_OPEN_CONNECTIONS = 200
"""That wait for their browser's next request."""
_LONGEST_HEADERS = 32 << 10
_PATIENCE_SECONDS = 30
"""For a client that does not go on with its request, and at the end for what is being answered."""
_ROUNDS_TO_THE_END = 2


@click.command("serve", cls=Command)
@click.option("--demo", is_flag=True, help="Prepare a demonstration office and print its people and first passwords.")
@click.pass_obj
def command(opened: Opened, demo: bool) -> None:
    """Serve the pages, until stopped (Ctrl-C or SIGTERM); with the engine "embedded" also carry out what is decided."""
    settings = opened.settings
    listener = _listener(settings)
    if settings.dispatch.engine == "embedded":
        LockFile(settings.path(RUNNER_LOCK)).refuse_if_held()
    if not demo:
        refuse_unprepared(settings)
    keep_small()
    web = settings.web.model_copy(update={"port": listener.getsockname()[1]})
    service = _built(settings.model_copy(update={"web": web}), demo)
    try:
        service.start()
        with probe_port(service.probes, settings.metrics):
            Server(service, listener, settings.web.threads).answer()
    finally:
        service.stop()


def _built(settings: Settings, demo: bool) -> "Service":
    with at_rest_while_loading():
        built: Service = import_module("provisioner.cli.service").Service(settings, demo=demo)
    return built


class Server(WSGIServer):
    """Answers at a socket that is open already, with as many threads as the settings say."""

    keep_alive_conn_limit = _OPEN_CONNECTIONS
    max_request_header_size = _LONGEST_HEADERS

    def __init__(self, service: "Service", listener: socket.socket, threads: int) -> None:
        self._service = service
        self._listener = listener
        self._last_visitor: socket.socket | None = None
        self._rounds_to_go = _ROUNDS_TO_THE_END
        super().__init__(
            listener.getsockname()[:2],
            service.application,
            numthreads=threads,
            max=threads,
            server_name="provisioner",
            request_queue_size=_BACKLOG,
            timeout=_PATIENCE_SECONDS,
            shutdown_timeout=_PATIENCE_SECONDS,
        )

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:  # noqa: A002, ARG002  The library's names.
        """The socket that the port was taken with before anything was made."""
        self.socket = self._listener
        return self._listener

    def process_conn(self, conn: HTTPConnection) -> None:
        """Hand it to a thread once there is something to read: browsers open connections before they need them, and one
        that says nothing yet must not occupy a thread.
        """
        if self._last_visitor is not None and _comes_from(conn) == self._last_visitor.getsockname()[:2]:
            conn.close()
            self._go_on_or_end()
        elif conn.rfile.has_data() or _readable(conn.socket):
            super().process_conn(conn)
        else:
            self.put_conn(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:  # noqa: ARG002
        """Into our own log. No traceback: it could hold what a browser sent."""
        _log.log(level, "%s", msg)

    def answer(self) -> None:
        """Until a signal says to end; what is being answered then is finished."""
        self.prepare()
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._asked_to_end)
            host, port = self._listener.getsockname()[:2]
            click.echo(f"Ready after {seconds_since_start():.1f} s: http://{host}:{port}/")
            click.echo("Stop it with Ctrl-C.")
            tell("READY=1")
            self.serve()
        finally:
            self.stop()

    def _asked_to_end(self, _number: int, _frame: object) -> None:
        """A visitor of our own queues up behind everybody who came before the signal. Ending at once would reset their
        connections: those that wait to be accepted, and the one that is in the hands of the loop that the signal met.
        """
        self._service.probes.stop()
        if self._last_visitor is None:
            tell("STOPPING=1")
            self._queue_up()
        else:
            sys.exit(0)

    def _queue_up(self) -> None:
        if self._last_visitor is not None:
            self._last_visitor.close()
        self._last_visitor = socket.create_connection(self._listener.getsockname()[:2], timeout=_PATIENCE_SECONDS)

    def _go_on_or_end(self) -> None:
        """The lines that were found readable together with the visitor are handed to threads in the rest of its round:
        the end is in the round after it.
        """
        self._rounds_to_go -= 1
        if self._rounds_to_go:
            self._queue_up()
        else:
            sys.exit(0)


def _comes_from(conn: HTTPConnection) -> tuple[str, int]:
    return conn.remote_addr, conn.remote_port


def _readable(line: socket.socket) -> bool:
    asked = select.poll()
    asked.register(line, select.POLLIN)
    return bool(asked.poll(0))


def _listener(settings: Settings) -> socket.socket:
    """:raises ConfigurationError: the address cannot be listened at: another program does, say."""
    host, port = settings.web.host, settings.web.port
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((str(address[0]), port), family=family, backlog=_BACKLOG)
    except OSError as error:
        # create_server adds the address to its text once more; a name that is not known has no number of the system's.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise ConfigurationError("web.port", f"cannot listen at {host} port {port}: {reason}") from error


def refuse_unprepared(settings: Settings) -> None:
    """:raises ConfigurationError: ``provisioner init`` was never run."""
    if settings.keys.env is None and not settings.path(settings.keys.file).exists():
        raise ConfigurationError(str(settings.data_dir), "the office has not been prepared: run provisioner init")


def seconds_since_start() -> float:
    """The age of this process (proc(5))."""
    started = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")
