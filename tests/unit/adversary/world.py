"""A small world of tables that the room's tests make rows for."""

from __future__ import annotations

from helpers.adversary.schema import Reference, Table
from helpers.compare.terms import Column

SITES = Table(
    "sites",
    (
        Column("site_id", "int", False),
        Column("name", "string"),
        Column("region", "string"),
        Column("capacity", "double"),
    ),
    key=("site_id",),
)
ASSETS = Table(
    "assets",
    (
        Column("asset_id", "int", False),
        Column("site_id", "int"),
        Column("parent_id", "int"),
        Column("model", "string"),
        Column("installed", "date"),
    ),
    key=("asset_id",),
    references=(Reference(("site_id",), "sites", ("site_id",)), Reference(("parent_id",), "assets", ("asset_id",))),
)
ORDERS = Table(
    "work_orders",
    (
        Column("order_id", "int", False),
        Column("site_id", "int"),
        Column("technician_id", "int"),
        Column("state", "string"),
        Column("opened", "date", False),
        Column("closed", "date"),
        Column("cost", "decimal(10,2)"),
    ),
    key=("order_id",),
)
TECHNICIANS = Table(
    "technicians",
    (Column("technician_id", "int", False), Column("name", "string"), Column("manager_id", "int")),
    key=("technician_id",),
)
READINGS = Table(
    "readings",
    (Column("meter", "string"), Column("at", "timestamp"), Column("kwh", "double"), Column("quality", "int")),
)
TARIFFS = Table(
    "tariffs",
    (
        Column("meter", "string", False),
        Column("valid_from", "timestamp", False),
        Column("valid_to", "timestamp"),
        Column("price", "decimal(8,4)"),
    ),
    key=("meter", "valid_from"),
)
TABLES = (SITES, ASSETS, ORDERS, TECHNICIANS, READINGS, TARIFFS)
