"""Several feeds of one site: described, ranked, a button each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.shown import buttons_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_site_with_several_feeds_offers_each_with_what_it_last_told(
    town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, world, coast = await town.add_person(), new_paper("Tide World"), new_paper("Tide Coast")
    world.publish("Lock opens again")
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{url}">'
        for url in (coast.feed, world.feed, f"{world.front}dead.xml")
    )
    front = world.site.serve(
        f"/{world.key}/several", f"<html><head>{links}</head></html>", headers={"Content-Type": "text/html"}
    )
    offered = await reader.ask(front, "127.0.0.1 offers several feeds. Which one?")
    first, second = offered["text"].splitlines()[2:]
    assert first.startswith("Tide World · ")
    assert first.endswith(": Lock opens again")
    assert second == "Tide Coast", "one that is empty comes last"
    assert [button["text"] for button in buttons_of(offered)] == ["+ Tide World", "+ Tide Coast"]
    await reader.tap("+ Tide World")
    await reader.wait_for("Tide World added. Its newest story follows.")
