"""Units on the wire and what they mean in the lake: kW, kWh, W/m2, C, m/s, A, V, hPa, deg, %, 1.

canonical = (value + offset) * factor, in DECIMAL. Sources: the SI brochure, 9th edition (prefixes; 0 C = 273.15 K);
NIST Special Publication 811, appendix B (F to C, miles per hour to metres per second).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Unit:
    """One spelling of a unit: its canonical unit, and canonical = (value + offset) * factor."""

    canonical: str
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)


def _unit(canonical: str, factor: str = "1", offset: str = "0") -> Unit:
    return Unit(canonical, Decimal(factor), Decimal(offset))


UNITS: dict[str, Unit] = {
    "W": _unit("kW", "0.001"),
    "kW": _unit("kW"),
    "MW": _unit("kW", "1000"),
    "Wh": _unit("kWh", "0.001"),
    "kWh": _unit("kWh"),
    "MWh": _unit("kWh", "1000"),
    "W/m2": _unit("W/m2"),
    "kW/m2": _unit("W/m2", "1000"),
    "C": _unit("C"),
    "K": _unit("C", offset="-273.15"),
    "F": _unit("C", "0.5555555556", "-32"),
    "m/s": _unit("m/s"),
    "km/h": _unit("m/s", "0.2777777778"),
    "mph": _unit("m/s", "0.44704"),
    "mA": _unit("A", "0.001"),
    "A": _unit("A"),
    "mV": _unit("V", "0.001"),
    "V": _unit("V"),
    "kV": _unit("V", "1000"),
    "hPa": _unit("hPa"),
    "mbar": _unit("hPa"),
    "deg": _unit("deg"),
    "%": _unit("%"),
    "1": _unit("1"),
}
"""Every unit that silver accepts, by its spelling on the wire. Anything else is UNKNOWN_UNIT."""


@dataclass(frozen=True)
class Quantity:
    """A physical quantity: its canonical unit and the range in it outside of which a value is refused."""

    unit: str
    low: Decimal
    high: Decimal


def _quantity(unit: str, low: str, high: str) -> Quantity:
    return Quantity(unit, Decimal(low), Decimal(high))


QUANTITIES: dict[str, Quantity] = {
    # Power may be negative: a plant consumes at night. Two gigawatts are more than any site of PEAK could have.
    "ac_power": _quantity("kW", "-100000", "2000000"),
    "dc_power": _quantity("kW", "-100000", "2000000"),
    "energy": _quantity("kWh", "0", "1000000000"),
    # Pyranometers read slightly below zero at night; cloud edges exceed the solar constant for moments.
    "poa_irradiance": _quantity("W/m2", "-50", "2000"),
    "ghi": _quantity("W/m2", "-50", "2000"),
    "dni": _quantity("W/m2", "-50", "2000"),
    "dhi": _quantity("W/m2", "-50", "2000"),
    "module_temperature": _quantity("C", "-60", "120"),
    "ambient_temperature": _quantity("C", "-90", "60"),
    "device_temperature": _quantity("C", "-60", "150"),
    "wind_speed": _quantity("m/s", "0", "120"),
    "wind_direction": _quantity("deg", "0", "360"),
    "current": _quantity("A", "-10000", "10000"),
    "voltage": _quantity("V", "-100000", "100000"),
    "pressure": _quantity("hPa", "300", "1100"),
    "humidity": _quantity("%", "0", "105"),
    "normalized_power": _quantity("1", "-0.5", "2"),
}
"""Every quantity that silver knows. The ranges are physical limits, wide enough for genuine oddities."""
