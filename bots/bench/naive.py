"""The smallest relays that work, as somebody would write them first; no database, no order kept.

`python -m bots.bench.naive to-slack|to-slack-shared|to-telegram URL`
"""

import asyncio
import sys

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bots.bench.talk import ROOM_ID, chat_of, conversation_in, conversation_of, thread_ts

TOKEN = "1:bench"  # noqa: S105


def to_slack(url: str, *, shared: bool) -> None:
    """Poll Telegram, and post each message; *shared*: over one HTTP session for all posts."""
    client = AsyncWebClient("xoxb-bench", base_url=f"{url}/slack/")

    async def relay(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.message
        if message is not None and update.effective_chat is not None:
            await client.chat_postMessage(
                channel=ROOM_ID,
                thread_ts=thread_ts(conversation_of(update.effective_chat.id)),
                text=f"*Ana*\n{message.text}",
            )

    async def share(_application: object) -> None:
        client.session = aiohttp.ClientSession() if shared else None

    builder = Application.builder().token(TOKEN).base_url(f"{url}/bot").post_init(share)
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, relay))
    application.run_polling()


async def to_telegram(url: str) -> None:
    """Listen to Slack, and send each message of a thread to its customer."""
    bot = Application.builder().token(TOKEN).base_url(f"{url}/bot").build()
    app = AsyncApp(client=AsyncWebClient("xoxb-bench", base_url=f"{url}/slack/"))

    @app.event("message")
    async def relay(event: dict[str, str]) -> None:
        chat = chat_of(conversation_in(event["thread_ts"]))
        await bot.bot.send_message(chat, event["text"])

    async with bot:
        await AsyncSocketModeHandler(app, "xapp-bench").start_async()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    what, url = sys.argv[1:]
    if what == "to-telegram":
        asyncio.run(to_telegram(url))
    else:
        to_slack(url, shared=what == "to-slack-shared")
