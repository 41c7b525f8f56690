import asyncio

import pytest

from storage import Storage, Work
from storage.errors import NotFoundError
from storage.model import Editor, Push, PushState, Role
from tests.storage.scenes import add_article, add_chat, add_feed
from tests.support.databases import NOW

MESSAGE = {"text": "<b>Вода</b>", "link_preview_options": {"is_disabled": True}, "entities": [1, 2]}


async def draft(work: Work) -> Push:
    chat, article = await add_chat(work, 9), await add_article(work, await add_feed(work))
    return await work.pushes.create(editor_id=9, subscriber_id=chat.id, article_id=article.id, content=MESSAGE, now=NOW)


async def test_a_content_is_kept_once_whatever_the_order_of_its_keys(storage: Storage) -> None:
    async with storage.write() as work:
        one = await work.contents.put({"text": "Ї", "parse_mode": "HTML"})
        same = await work.contents.put({"parse_mode": "HTML", "text": "Ї"})
        other = await work.contents.put({"parse_mode": "HTML", "text": "І"})
        assert one == same
        assert other.digest != one.digest
        assert await work.contents.get(one.id) == one
        assert one.payload == {"text": "Ї", "parse_mode": "HTML"}
        with pytest.raises(NotFoundError):
            await work.contents.get(99)
    # printf '{"parse_mode":"HTML","text":"Ї"}' | sha256sum
    assert one.digest == "d14cbf275bd1d836f5c6efb8e85db50e88321a98edada334025966634189531d"


async def test_a_draft_is_confirmed_once_with_the_digest_that_was_previewed(storage: Storage) -> None:
    async with storage.write() as work:
        push = await draft(work)
        assert (push.state, push.content.payload) == (PushState.DRAFT, MESSAGE)
        for wrong in ("", "0" * 64, push.content.digest[:7], f"{push.content.digest[:8]}x"):
            assert await work.pushes.confirm(push.id, wrong, NOW) is None
        confirmed = await work.pushes.confirm(push.id, push.content.digest[:8], NOW)
        assert confirmed is not None
        assert (confirmed.state, confirmed.confirmed_at) == (PushState.SENDING, NOW)
        assert await work.pushes.confirm(push.id, push.content.digest, NOW) is None
        assert await work.pushes.list_sending() == [confirmed]


async def test_of_ten_taps_one_confirms(storage: Storage) -> None:
    async with storage.write() as work:
        push = await draft(work)

    async def tap() -> bool:
        async with storage.write() as work:
            return await work.pushes.confirm(push.id, push.content.digest, NOW) is not None

    assert sum(await asyncio.gather(*(tap() for _ in range(10)))) == 1


async def test_a_push_goes_from_draft_to_done_or_is_discarded(storage: Storage) -> None:
    async with storage.write() as work:
        push, dropped = await draft(work), await draft(work)
        assert [each.id for each in await work.pushes.list_drafts(push.editor_id, 5)] == [dropped.id, push.id]
        assert await work.pushes.discard(dropped.id)
        assert not await work.pushes.discard(dropped.id)
        assert await work.pushes.confirm(dropped.id, dropped.content.digest, NOW) is None
        assert not await work.pushes.finish(push.id, NOW)
        await work.pushes.confirm(push.id, push.content.digest, NOW)
        assert not await work.pushes.discard(push.id)
        await work.pushes.set_progress(push.id, 77)
        assert await work.pushes.finish(push.id, NOW)
        assert not await work.pushes.finish(push.id, NOW)
        done = await work.pushes.get(push.id)
        assert (done.state, done.finished_at, done.progress_id) == (PushState.DONE, NOW, 77)
        assert [each.id for each in await work.pushes.list_recent(5)] == [dropped.id, push.id]
        assert await work.pushes.list_drafts(push.editor_id, 5) == [], "one was sent, one discarded"
        assert await work.pushes.list_sending() == []
        with pytest.raises(NotFoundError):
            await work.pushes.get(99)
        with pytest.raises(NotFoundError):
            await work.pushes.set_progress(99, 1)


async def test_editors_come_go_and_change_their_role(storage: Storage) -> None:
    async with storage.write() as work:
        assert await work.newsroom.find_editor(5) is None
        editor = await work.newsroom.add_editor(5, Role.EDITOR, now=NOW)
        assert editor == Editor(user_id=5, role=Role.EDITOR, created_at=NOW)
        await work.newsroom.add_editor(3, Role.EDITOR, now=NOW)
        assert (await work.newsroom.add_editor(5, Role.OWNER, now=NOW)).role is Role.OWNER
        assert [each.user_id for each in await work.newsroom.list_editors()] == [3, 5]
        assert await work.newsroom.remove_editor(5)
        assert not await work.newsroom.remove_editor(5)
        assert await work.newsroom.find_editor(5) is None


async def test_the_audit_tells_who_did_what_newest_first(storage: Storage) -> None:
    async with storage.write() as work:
        await work.newsroom.record(5, "push.confirm", "p:1", {"audience": 1204}, NOW)
        await work.newsroom.record(6, "push.recall", "p:1", {}, NOW)
    async with storage.read() as work:
        audit = await work.newsroom.list_audit(5)
        assert len(await work.newsroom.list_audit(1)) == 1
    assert [(each.user_id, each.action, each.subject, each.detail) for each in audit] == [
        (6, "push.recall", "p:1", {}),
        (5, "push.confirm", "p:1", {"audience": 1204}),
    ]
    assert audit[0].at == NOW


async def test_a_push_that_is_paused_is_not_done(storage: Storage) -> None:
    async with storage.write() as work:
        article = await add_article(work, await add_feed(work))
        push = await work.pushes.create(
            editor_id=1, subscriber_id=1, article_id=article.id, content={"text": "x"}, now=NOW
        )
        await work.pushes.confirm(push.id, push.content.digest, NOW)
        assert await work.pushes.pause(push.id, NOW)
        assert not await work.pushes.finish(push.id, now=NOW)
        assert (await work.pushes.get(push.id)).state is PushState.SENDING
        assert await work.pushes.resume(push.id, NOW)
        assert await work.pushes.finish(push.id, now=NOW)
