"""Numbers for Prometheus: requests as they happen, the rest read from the database when asked."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from app.catalog.schemas import CatalogNumbers
from app.scans.schemas import ScanNumbers

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """The numbers of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "penumbra_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "penumbra_request_seconds",
            "Seconds from request to answer.",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is the pattern of its address, so that ids make no new series."""
        self._requests.labels(_known(method), route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def page(self, tools: CatalogNumbers, scans: ScanNumbers) -> bytes:
        """The page that Prometheus reads."""
        own = CollectorRegistry()
        own.register(_Facts(tools, scans))
        return generate_latest(self._registry) + generate_latest(own)


def _known(method: str) -> str:
    return method if method in {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"} else "other"


class _Facts:
    def __init__(self, tools: CatalogNumbers, scans: ScanNumbers) -> None:
        self._tools = tools
        self._scans = scans

    def collect(self) -> Iterable[Metric]:
        tools = GaugeMetricFamily("penumbra_tools", "Tools by fact.", labels=("fact", "value"))
        for fact, value, count in self._tools.facts:
            tools.add_metric((fact, value), count)
        yield tools
        scans = GaugeMetricFamily(
            "penumbra_scans", "Scans kept, by source and state.", labels=("source", "state")
        )
        for source, state, count in self._scans.scans:
            scans.add_metric((source, state), count)
        yield scans
        health = GaugeMetricFamily(
            "penumbra_source_health",
            "1 for the health a source is in.",
            labels=("source", "connector", "health"),
        )
        age = GaugeMetricFamily(
            "penumbra_source_complete_age_seconds",
            "Seconds since a source's last complete scan.",
            labels=("source", "connector"),
        )
        for source in self._scans.sources:
            health.add_metric((source.name, source.connector, source.health), 1)
            if source.complete_age is not None:
                age.add_metric((source.name, source.connector), source.complete_age)
        yield health
        yield age
