"""One row of the table."""

from __future__ import annotations

from dataclasses import dataclass


def header(floor: str, product: str) -> str:
    """The first line of the table; the two names are of the columns that are compared."""
    return f"{'figure':<52} {floor:>12} {product:>12} {'value':>16} {'bound':>8}"


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` may be at most `bound`."""

    name: str
    floor: str
    product: str
    value: float
    bound: float
    unit: str

    @property
    def holds(self) -> bool:
        return self.value <= self.bound

    def row(self) -> str:
        verdict = "holds" if self.holds else "MISSED"
        shown = f"{self.value:.2f} {self.unit}".rstrip()
        return f"{self.name:<52} {self.floor:>12} {self.product:>12} {shown:>16} {self.bound:>8g}  {verdict}"
