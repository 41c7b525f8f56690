"""Where everything that must survive a crash is kept.

Importing this is cheap: what it offers is imported when it is first used, for SQLAlchemy takes half a second.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.connection.channels import Channel
    from storage.connection.turns import Urgency
    from storage.database import Storage
    from storage.upkeep.preparation import migrate
    from storage.work import Work

__all__ = ["Channel", "Storage", "Urgency", "Work", "migrate"]

_HOMES = {
    "Channel": "storage.connection.channels",
    "Storage": "storage.database",
    "Urgency": "storage.connection.turns",
    "Work": "storage.work",
    "migrate": "storage.upkeep.preparation",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as various as what is offered
    """Import what is asked for (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
