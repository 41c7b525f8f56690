from tests.support.databases import (
    database,
    empty_postgres,
    postgres_database,
    postgres_server,
    sqlite_database,
    sqlite_storage,
    sqlite_template,
    storage,
)

__all__ = [
    "database",
    "empty_postgres",
    "postgres_database",
    "postgres_server",
    "sqlite_database",
    "sqlite_storage",
    "sqlite_template",
    "storage",
]
