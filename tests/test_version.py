import tomllib
from pathlib import Path

from bot import __version__


def test_the_package_and_the_project_name_one_version() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == __version__
