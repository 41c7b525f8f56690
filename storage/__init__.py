"""Where everything that must survive a crash is kept."""

from storage.channels import Channel
from storage.database import Storage
from storage.preparation import migrate
from storage.work import Work

__all__ = ["Channel", "Storage", "Work", "migrate"]
