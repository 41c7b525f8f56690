"""Who lives in the sandbox when it is opened for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.world.model import CHANNEL_ID, EDITOR_ID, FORUM_ID, GROUP_ID, READER_ID, ChatKind, MemberStatus
from bot.sandbox.world.topics import add_topic

if TYPE_CHECKING:
    from bot.sandbox.world.world import World


def populate(world: World) -> None:
    """Put the sample people in, a reader and an editor, and where they meet: a group, a forum and a channel."""
    world.add_person("Rhea", last_name="Marsh", person_id=READER_ID, username="rhea_reads")
    world.add_person("Edwin", last_name="Holt", person_id=EDITOR_ID, username="edwin_edits")
    world.add_group(
        "Aldmoor Chat",
        chat_id=GROUP_ID,
        members={EDITOR_ID: MemberStatus.CREATOR, READER_ID: MemberStatus.MEMBER},
    )
    forum = world.add_group(
        "Aldmoor Forum",
        chat_id=FORUM_ID,
        kind=ChatKind.SUPERGROUP,
        members={EDITOR_ID: MemberStatus.CREATOR, READER_ID: MemberStatus.MEMBER},
        is_forum=True,
    )
    for name in ("News", "Ferries"):
        add_topic(world, forum, name, creator_id=EDITOR_ID)
    world.add_group(
        "Aldmoor Today",
        chat_id=CHANNEL_ID,
        kind=ChatKind.CHANNEL,
        members={EDITOR_ID: MemberStatus.CREATOR, READER_ID: MemberStatus.MEMBER},
        # Whoever tries the sandbox adds the bot there, as they would on Telegram.
        bot_status=MemberStatus.LEFT,
    )
