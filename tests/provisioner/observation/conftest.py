"""An office that is observed, shared by the tests of what it shows."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from provisioner.bootstrap import build
from provisioner.observation.prometheus import PrometheusObserver
from tests.office import RealOffice


class Scraped:
    """An office that is observed, and what a scrape of it shows."""

    def __init__(self, folder: Path, prepared: Path) -> None:
        self.office = RealOffice(folder, prepared, metrics={"cache_seconds": 0.000001})
        self.office.core.close()
        self.observer = PrometheusObserver()
        self.office.core = build(self.office.settings, self.office.clock, self.observer)
        assert self.office.core.probes.knows("/metrics")

    def text(self) -> str:
        return self.observer.exposition()[1].decode()

    def value(self, name: str, **labels: str) -> float:
        """The one sample with this name and these labels."""
        (found,) = self._values(name, labels)
        return found

    def before(self, name: str, **labels: str) -> float:
        """The same; 0 where nothing was counted yet."""
        return sum(self._values(name, labels))

    def _values(self, name: str, labels: Mapping[str, str]) -> list[float]:
        return [
            sample.value
            for family in text_string_to_metric_families(self.text())
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]


@pytest.fixture(scope="package")
def scraped(tmp_path_factory: pytest.TempPathFactory, prepared_office: Path) -> Iterator[Scraped]:
    made = Scraped(tmp_path_factory.mktemp("scraped") / "office", prepared_office)
    yield made
    made.office.close()
