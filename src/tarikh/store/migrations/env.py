"""Runs migrations on the connection that `open_database` hands over, inside its one transaction."""

from __future__ import annotations

from alembic import context

from tarikh.errors import StoreError
from tarikh.store.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise StoreError("migrations run when a database is opened: tarikh.store.open_store(path)")
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
