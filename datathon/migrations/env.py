"""Alembic environment: the caller hands over an open connection."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from datathon.schema import metadata
from datathon.store.db import UtcDateTime


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write the house's column types by name, and SQLModel's strings as plain strings."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from datathon.store.db import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def run() -> None:
    """Run the migrations on the connection given in the configuration's attributes."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
