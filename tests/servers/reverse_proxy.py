"""The example reverse proxies of ``config/proxy``, started privately.

The files are those that are shipped; only names, ports and certificates are changed, as an administrator does.
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.certificates import Certificates, write_certificates
from tests.servers.slapd import free_port

EXAMPLES = Path(__file__).parents[2] / "config" / "proxy"
NAME = "siak.example.go.id"
_PATIENCE_SECONDS = 30
_APACHE_MODULES = (
    "mpm_event authz_core alias headers socache_shmcb ssl slotmem_shm proxy proxy_http proxy_balancer "
    "lbmethod_byrequests"
)


class ProxyFailed(RuntimeError):
    """The proxy did not start; carries what it printed."""


@dataclass(frozen=True)
class ReverseProxy:
    """A running proxy. ``address`` is where browsers find it; ``plain`` is its port without TLS."""

    kind: str
    port: int
    plain: int
    folder: Path
    trust: ssl.SSLContext

    @property
    def upstreams(self) -> list[str]:
        """Which process answered each request so far (nginx only)."""
        return (self.folder / "upstreams.log").read_text().split()


@contextmanager
def reverse_proxy(kind: str, upstreams: Sequence[str]) -> Iterator[ReverseProxy]:
    """Start ``nginx``, ``apache`` or ``caddy`` before two processes (``host:port`` each); end it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"siak-{kind}-"))
    folder.chmod(0o755)
    try:
        certificates = write_certificates(folder)
        proxy = ReverseProxy(
            kind, free_port(), free_port(), folder, ssl.create_default_context(cafile=str(certificates.ca))
        )
        command = _PROXIES[kind](proxy, _example(proxy, certificates, upstreams))
        with _running(command, proxy):
            yield proxy
    finally:
        shutil.rmtree(folder)


def _example(proxy: ReverseProxy, certificates: Certificates, upstreams: Sequence[str]) -> str:
    """The shipped file with what has to be changed changed; each of it must be there."""
    changes = {
        "10.0.0.11:8080": upstreams[0],
        "10.0.0.12:8080": upstreams[1],
        "/etc/ssl/siak/siak.pem": str(certificates.certificate),
        "/etc/ssl/siak/siak.key": str(certificates.key),
        **_ports(proxy),
        NAME: "localhost",
    }
    file = EXAMPLES / f"{proxy.kind}.conf"
    text = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("#"))
    for shipped, here in changes.items():
        if shipped not in text:
            raise ProxyFailed(f"{file.name} says nothing of {shipped}")
        text = text.replace(shipped, here)
    return text


def _nginx(proxy: ReverseProxy, example: str) -> Sequence[str]:
    folder = proxy.folder
    temporary = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\nworker_processes 1;\npid {folder}/pid;\n"
        f"error_log {folder}/output;\nevents {{}}\nhttp {{\n{temporary}\n"
        f"log_format upstreams '$upstream_addr';\naccess_log {folder}/upstreams.log upstreams;\n{example}\n}}\n"
    )
    return ("/usr/sbin/nginx", "-e", f"{folder}/output", "-c", f"{folder}/nginx.conf", "-g", "daemon off;")


def _apache(proxy: ReverseProxy, example: str) -> Sequence[str]:
    folder = proxy.folder
    modules = "\n".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in _APACHE_MODULES.split()
    )
    who = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    (folder / "apache.conf").write_text(
        f"{modules}\n{who}ServerName localhost\nServerRoot {folder}\nDefaultRuntimeDir {folder}\nPidFile {folder}/pid\n"
        f"ErrorLog {folder}/output\nListen 127.0.0.1:{proxy.plain}\nListen 127.0.0.1:{proxy.port}\n{example}\n"
    )
    return ("/usr/sbin/apache2", "-D", "FOREGROUND", "-f", f"{folder}/apache.conf")


def _caddy(proxy: ReverseProxy, example: str) -> Sequence[str]:
    ports = f"admin off\nhttp_port {proxy.plain}\nhttps_port {proxy.port}\ndefault_bind 127.0.0.1"
    (proxy.folder / "Caddyfile").write_text(f"{{\n{ports}\n}}\n{example}\n")
    return ("/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", str(proxy.folder / "Caddyfile"))


_PROXIES = {"nginx": _nginx, "apache": _apache, "caddy": _caddy}


def _ports(proxy: ReverseProxy) -> Mapping[str, str]:
    """What an administrator leaves as it is, and a private proxy cannot have."""
    if proxy.kind == "nginx":
        return {"listen 80;": f"listen 127.0.0.1:{proxy.plain};", "listen 443": f"listen 127.0.0.1:{proxy.port}"}
    if proxy.kind == "apache":
        return {"*:80>": f"127.0.0.1:{proxy.plain}>", "*:443>": f"127.0.0.1:{proxy.port}>"}
    return {}


@contextmanager
def _running(command: Sequence[str], proxy: ReverseProxy) -> Iterator[None]:
    own = {"PATH": os.defpath, "HOME": str(proxy.folder), "XDG_DATA_HOME": str(proxy.folder)}
    with (proxy.folder / "printed").open("wb") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=printed, env=own, cwd=proxy.folder)
    try:
        _wait_until_it_listens(process, proxy)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", proxy: ReverseProxy) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", proxy.port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    said = [each.read_text() for each in (proxy.folder / "printed", proxy.folder / "output") if each.exists()]
    raise ProxyFailed("\n".join(said))
