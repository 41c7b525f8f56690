"""The command line. Its commands load what they need when they run: all vendors together take over a second."""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import base64
import json
import os
import re
import sys
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from bot import __version__
from bot.console.explaining import explain, explain_feed, explain_usage
from bot.console.printing import fail, misuse, print_json, print_sentences, print_text
from bot.console.sources import name_of, read_page, read_source, read_text
from bot.console.streams import as_program, stream
from bot.errors import BotError
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.app import Ready
    from bot.console.jsonl import Row, Together

T = TypeVar("T")
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""Typer shows only this kind of its usage errors; their common parent is what we catch."""
_TOKEN: Final = re.compile(r"[1-9][0-9]{0,14}:[A-Za-z0-9_-]+")

cli = typer.Typer(
    name="newsgist",
    help="A self-hosted Telegram news bot. `newsgist run` starts it; without a token, in a sandbox.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Source = Annotated[str, typer.Argument(help="A file, a web address, or - for standard input.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsJsonl = Annotated[bool, typer.Option("--jsonl", help="Read and print JSON lines, one for one, in order.")]
Data = Annotated[Path | None, typer.Option("--data", help="Data folder; instead of NEWSGIST_DATA.")]


@cli.command()
def run(
    role: Annotated[
        list[str] | None,
        typer.Option("--role", help="What this process does: poll, read, send, chat, web. Default: all."),
    ] = None,
    data: Data = None,
    replay: Annotated[
        Path | None,
        typer.Option("--replay", help="Read saved feeds and pages by DIR/manifest.json instead of the web."),
    ] = None,
    back_at: Annotated[
        str | None,
        typer.Option("--back-at", help="Closed until about HH:MM: only say so, and keep what people write."),
    ] = None,
) -> None:
    """Run the bot; without a token, the sandbox."""
    from bot.console.loading import loading
    from bot.parts import ALL_PARTS, Part
    from bot.settings import load_settings

    if unknown := set(role or ()) - set(Part):
        misuse(f"--role knows poll, read, send, chat and web, not {', '.join(sorted(unknown))}")
    if replay is not None and not (replay / "manifest.json").is_file():
        misuse(f"--replay needs a folder with a manifest.json; {replay} has none")
    opens_at = _next(back_at)
    settings = load_settings(data=data)
    if replay is not None and settings.bot_token is not None:
        misuse("--replay is for the sandbox; unset NEWSGIST_BOT_TOKEN")
    with loading():
        from bot.app import run as run_app
        from bot.logs import configure_logs

    # A newcomer in the sandbox wants the chat page's address to stay in sight.
    is_quiet = settings.bot_token is None and "log_level" not in settings.model_fields_set
    configure_logs("WARNING" if is_quiet else settings.log_level, secrets=settings.secrets())
    os.umask(0o077)
    parts = frozenset(Part(name) for name in role) if role else ALL_PARTS
    _wait_for(run_app(settings, parts=parts, replay=replay, back_at=opens_at, on_ready=_announce))


def _next(clock: str | None) -> datetime | None:
    """Find when this machine's clock will show a time next."""
    if clock is None:
        return None
    try:
        shown = time.fromisoformat(clock)
    except ValueError:
        misuse(f"--back-at wants a time such as 14:30, not {clock}")
    now = datetime.now(UTC).astimezone()
    at = now.replace(hour=shown.hour, minute=shown.minute, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def _announce(ready: Ready) -> None:
    if ready.page_url is None:
        typer.echo(f"@{ready.username} is running. Stop it with Ctrl+C.")
        if not ready.has_owner:
            typer.echo(f"No owner yet: send /id to @{ready.username}, then set NEWSGIST_ADMINS to your number.")
    else:
        moved = " (its usual port was taken)" if ready.page_moved else ""
        typer.echo(f"No token, so this is the sandbox. Open the chat page: {ready.page_url}{moved}")
        typer.echo(f"Paste there to begin: {ready.sample_address}")
        typer.echo("Stop it with Ctrl+C. How to go live on Telegram: README.md.")
    if ready.health_url is not None:
        typer.echo(f"Health: {ready.health_url}/readyz")
    sys.stdout.flush()


@cli.command()
def sandbox(  # noqa: PLR0917 - typer makes options of them
    headless: Annotated[
        bool, typer.Option("--headless", help="No chat page; one JSON line when ready: for another bot's tests.")
    ] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8081,
    token: Annotated[str | None, typer.Option("--token", help="The token that your bot uses.")] = None,
    every: Annotated[float, typer.Option("--every", min=0, help="Seconds between articles; 0: on request.")] = 30.0,
    seed: Annotated[int, typer.Option("--seed", help="What the sample site's figures are drawn by.")] = 1,
    state: Annotated[Path | None, typer.Option("--state", help="File that keeps the world over a restart.")] = None,
    replay: Annotated[Path | None, typer.Option("--replay", help="Serve saved pages by DIR/manifest.json.")] = None,
    no_limits: Annotated[bool, typer.Option("--no-limits", help="Take messages however fast they come.")] = False,
    burst: Annotated[int, typer.Option("--burst", min=1, help="What a rested private chat takes at once.")] = 3,
) -> None:
    """Run a local Telegram alone, for a bot of yours: Bot API, people, faults, ledger."""
    if token is not None and not _TOKEN.fullmatch(token):
        misuse("--token wants one as @BotFather gives them, such as 700000042:anything")
    from bot.app import run_sandbox

    def announce(ready: dict[str, Any]) -> None:
        if headless:
            typer.echo(json.dumps(ready))
        else:
            moved = " (its usual port was taken)" if ready["moved"] else ""
            typer.echo(f"Chat page: {ready['page']}{moved}\nBot API: {ready['url']}\nToken: {ready['token']}")
            typer.echo("Point your bot's Bot API server at that address. Stop the sandbox with Ctrl+C.")
        sys.stdout.flush()

    _wait_for(
        run_sandbox(
            announce,
            headless=headless,
            port=port,
            token=token,
            every_s=every,
            seed=seed,
            state=state,
            replay=replay,
            limited=not no_limits,
            burst=burst,
        )
    )


@cli.command()
def summarize(  # noqa: PLR0917 - typer makes options of them
    source: Source = "-",
    sentences: Annotated[int | None, typer.Option(min=1, help="At most so many sentences.")] = None,
    chars: Annotated[int | None, typer.Option(min=1, help="At most so many characters.")] = None,
    words: Annotated[int | None, typer.Option(min=1, help="At most so many words.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Stop early where the rest adds little.")] = False,
    method: Annotated[
        str, typer.Option(help="news, lead, lexrank, textrank, lsa, luhn, kl, sumbasic, reduction or edmundson.")
    ] = "news",
    lang: Annotated[
        str | None, typer.Option(help="The text's language, such as de; otherwise it is detected. For one text.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="The text's headline, which its summary answers. For one text.")
    ] = None,
    story: Annotated[bool, typer.Option("--story", help="Rows hold several articles of one event.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Give the reasons for each sentence too.")] = False,
    as_json: AsJson = False,
    jsonl: AsJsonl = False,
) -> None:
    """Summarise a text or page: sentences that stand in it word for word."""
    from bot.console.rows import SummaryOptions, summarize_row, summarize_rows, summarize_story_row
    from summarizer import SUPPORTED, Method
    from summarizer.text.language import normalise_language

    if method not in set(Method):
        misuse(f"--method knows {', '.join(Method)}, not {method}")
    if story and method != Method.NEWS:
        misuse(f"--story has one method, news; leave out --method {method}")
    if (story or jsonl) and (lang is not None or title is not None):
        misuse("--lang and --title are for a single text; rows have their own lang and title")
    if lang is not None and normalise_language(lang) not in SUPPORTED:
        misuse(f"--lang knows {', '.join(sorted(SUPPORTED))}, not {lang}")
    options = SummaryOptions(sentences=sentences, max_chars=chars, max_words=words, brief=brief, method=method, why=why)
    if jsonl:
        if story:
            _stream(source, partial(summarize_story_row, options=options))
        else:
            _stream(source, partial(summarize_row, options=options), together=partial(summarize_rows, options=options))
        return
    if story:
        misuse("--story reads JSON lines; add --jsonl")
    given = {"lang": lang, "title": title}
    row = read_text(source) | {name: value for name, value in given.items() if value is not None}
    answer = summarize_row(row, options=options)
    if as_json:
        print_json({"id": row["id"], **answer})
    else:
        if not answer["sentences"]:
            fail(f"There is no sentence in {name_of(source)}.")
        print_sentences(answer["sentences"], why=why)


@cli.command()
def extract(
    source: Source = "-",
    url: Annotated[str, typer.Option(help="The page's own address, for relative links.")] = "",
    as_json: AsJson = False,
    jsonl: AsJsonl = False,
) -> None:
    """Extract an article's title, author, date and text from a page."""
    from bot.console.rows import extract_row

    if jsonl:
        _stream(source, extract_row)
        return
    body, found_url = read_page(source)
    row = {"id": source, "url": url or found_url, "html_base64": base64.b64encode(body).decode()}
    answer = extract_row(row)
    if as_json:
        print_json({"id": source, **answer})
    else:
        head = [answer["title"], answer["author"], answer["published_at"], answer["url"]]
        lines = [line for line in head if line]
        print_text("\n".join([*lines, "", answer["text"]] if lines else [answer["text"]]))


@cli.command()
def feed(source: Source = "-", as_json: AsJson = False, jsonl: AsJsonl = False) -> None:
    """Parse a feed and list its entries."""
    from bot.console.rows import feed_row

    if jsonl:
        _stream(source, feed_row, processes=1)  # to hand a feed to another process costs as much as to parse it
        return
    from bot.news.errors import FeedError

    body, url = read_source(source)
    try:
        answer = feed_row({"id": source, "url": url, "body_base64": base64.b64encode(body).decode()})
    except FeedError as error:
        fail(explain_feed(error, url))
    if as_json:
        print_json({"id": source, **answer})
    else:
        lines = [
            f"{entry['published_at'] or '':25}  {entry['title']}\n{'':27}{entry['url']}" for entry in answer["entries"]
        ]
        print_text("\n".join([answer["title"] or source, "", *lines]))


@cli.command()
def stories(source: Source = "-", jsonl: AsJsonl = False) -> None:
    """Group articles, given in time order as JSON lines, into stories."""
    from bot.console.rows import StoryRows

    if not jsonl:
        misuse("stories reads JSON lines; add --jsonl")
    _stream(source, StoryRows(), processes=1)


@cli.command()
def discover(url: Annotated[str, typer.Argument(help="A page's address.")], as_json: AsJson = False) -> None:
    """List the feeds that a page or its site offers, or that belong to a channel, account or repository."""
    from bot.console.fetching import discover_feeds
    from bot.settings import load_settings

    found = _wait_for(discover_feeds(url, load_settings()))
    if as_json:
        print_json([{"url": each.url, "title": each.title} for each in found])
    elif found:
        print_text("\n".join(f"{each.url}  {each.title}".rstrip() for each in found))
    else:
        fail(f"{url} offers no feed")


@cli.command()
def check(data: Data = None) -> None:
    """Check settings, token, database, clock and the web guard: one line each."""
    from bot.console.checkup import examine
    from bot.settings import load_settings

    is_sound = True
    for finding in _wait_for(examine(load_settings(data=data))):
        typer.echo(f"{'ok   ' if finding.is_sound else 'FAULT'} {finding.subject}: {finding.words}")
        is_sound = is_sound and finding.is_sound
    if not is_sound:
        raise typer.Exit(1)


@cli.command()
def backup(file: Path, data: Data = None) -> None:
    """Copy the database to FILE while the bot runs."""
    from bot.settings import load_settings
    from storage.upkeep.backup import backup as back_up
    from storage.upkeep.backup import postgres_commands

    url = load_settings(data=data).storage_url
    if url.startswith("postgres"):
        fail(f"PostgreSQL has its own: {postgres_commands(url, file)[0]}")
    _wait_for(back_up(url, file))
    typer.echo(f"Copied to {file}")


@cli.command()
def restore(file: Path, data: Data = None) -> None:
    """Put a backup in the database's place, once it has been found sound; the old one is kept beside."""
    from bot.settings import load_settings
    from storage.upkeep.backup import postgres_commands
    from storage.upkeep.backup import restore as put_back

    settings = load_settings(data=data)
    if settings.storage_url.startswith("postgres"):
        fail(f"PostgreSQL has its own: {postgres_commands(settings.storage_url, file)[1]}")
    kept = _wait_for(put_back(file, settings.storage_url, data=settings.home))
    typer.echo(f"Restored from {file}" + (f"; the old database is {kept}" if kept else ""))


@cli.command(context_settings={"ignore_unknown_options": True})
def export(
    chat: Annotated[int, typer.Argument(help="Telegram's id of the chat; a group's begins with a minus.")],
    data: Data = None,
) -> None:
    """Print all that is stored about a chat, as JSON; the bot may run meanwhile."""
    from bot.settings import load_settings
    from storage.upkeep.inspection import portray_chat

    portrait = _wait_for(portray_chat(load_settings(data=data).storage_url, chat))
    typer.echo(json.dumps(portrait, ensure_ascii=False, indent=2))


@cli.command()
def migrate(data: Data = None) -> None:
    """Bring the database's schema to this version."""
    from bot.settings import load_settings
    from storage import migrate as migrate_storage

    revision = _wait_for(migrate_storage(load_settings(data=data).storage_url))
    typer.echo(f"The schema is at revision {revision}")


@cli.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line: errors are one line on standard error, exit status 1; wrong usage 2."""
    with as_program():
        sys.exit(_run())


def _run() -> int:
    """Run what was asked for; return the exit status."""
    try:
        return cli(standalone_mode=False) or 0
    except _UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error, err=True)
            sys.exit(2)
        misuse("\n".join(explain_usage(error)))
    except typer.Abort:
        raise KeyboardInterrupt from None
    except (BotError, StorageError) as error:
        fail(explain(error))
    except Exception as error:
        # Imported only here: it takes longer than what most commands do.
        from summarizer.errors import SummarizerError

        if not isinstance(error, SummarizerError):
            raise
        fail(explain(error))


def _wait_for(work: Coroutine[Any, Any, T]) -> T:
    import asyncio  # most text commands wait for nothing, and start sooner without it

    return asyncio.run(work)


def _stream(
    source: str, answer: Callable[[Row], Row], *, together: Together | None = None, processes: int | None = None
) -> None:
    if "://" in source:
        misuse("--jsonl reads a file or -")
    stream(source, answer, together=together, processes=processes)
