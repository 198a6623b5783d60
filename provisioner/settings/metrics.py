"""The section about being seen from outside: probes and metrics."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Annotated

from pydantic import Field

from provisioner.settings.section import Seconds, Section

Network = IPv4Network | IPv6Network

_LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class MetricsSettings(Section):
    """``/healthz``, ``/readyz`` and ``/metrics``: answered at the port of the pages, and at a port of their own."""

    networks: tuple[Network, ...] = _LOOPBACK
    """From where they may be read. Behind a proxy its callers' addresses count (``web.trusted_proxies``)."""

    host: str = "127.0.0.1"
    """Address of the port of their own."""

    port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """The port of their own; needed for processes without pages. Every process of a machine needs another one. 0 takes
    a free one and says which in the log. Without it there is none."""

    cache_seconds: Seconds = 10.0
    """Figures about the store are counted at most this often, however many ask."""

    def allows(self, address: str) -> bool:
        """Whether a caller at ``address`` may read them. What is not an address may not."""
        try:
            caller: IPv4Address | IPv6Address = ip_address(address)
        except ValueError:
            return False
        if isinstance(caller, IPv6Address) and caller.ipv4_mapped is not None:
            caller = caller.ipv4_mapped
        return any(caller in network for network in self.networks)
