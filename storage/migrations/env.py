"""Alembic's entry: migrate on the connection, and in the transaction, that ``storage.upkeep.schema`` opened."""

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's too, as our connections begin transactions before DDL
    render_as_batch=True,
)
context.run_migrations()
