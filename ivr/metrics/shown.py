"""What is looked up when somebody asks, rather than counted as it happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure, or one for each set of labels. None is not known, and is not shown: never 0."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    values: Mapping[tuple[str, ...], float | None] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, meaning: str, value: float | None) -> Shown:
        """A figure without labels."""
        return cls(name, meaning, (), {(): value})

    @classmethod
    def by(
        cls, label: str, name: str, meaning: str, figures: Mapping[str, float | None] | None
    ) -> Shown:
        """A figure for each value of one ``label``."""
        return cls(name, meaning, (label,), {(key,): each for key, each in (figures or {}).items()})


class Figures(Collector):
    """The figures, as Prometheus' registry collects them."""

    def __init__(self, figures: Iterable[Shown]) -> None:
        self._figures = tuple(figures)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each figure of which anything is known."""
        for each in self._figures:
            family = GaugeMetricFamily(each.name, each.meaning, labels=each.labels)
            for labels, value in each.values.items():
                if value is not None:
                    family.add_metric(labels, value)
            if family.samples:
                yield family
