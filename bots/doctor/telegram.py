"""Whether customers can write in Telegram."""

from telegram.error import InvalidToken, TelegramError

from adapters.telegram.request import open_bot
from bots.doctor.finding import Finding, wrong
from bots.settings import Settings


async def telegram(settings: Settings) -> list[Finding]:
    """Ask Telegram who the bot is."""
    if settings.telegram_bot_token is None:
        if settings.web_origins or settings.imap_url is not None:
            return [Finding("Telegram is not set up; customers write elsewhere.")]
        return [
            wrong(
                "Telegram is not set up: customers cannot write",
                "Get a token from @BotFather (/newbot) and set TELEGRAM_BOT_TOKEN.",
            )
        ]
    token = settings.telegram_bot_token.get_secret_value()
    try:
        async with open_bot(token, settings.telegram_api_url) as bot:
            me = await bot.get_me()
            hook = await bot.get_webhook_info()
    except InvalidToken:
        return [
            wrong(
                "Telegram does not know this token",
                "Copy TELEGRAM_BOT_TOKEN again from @BotFather; check TELEGRAM_API_URL.",
            )
        ]
    except TelegramError as error:
        return [wrong(f"Telegram cannot be reached: {error}", "Check the network and try again.")]
    found = [Finding(f"Telegram: customers write to @{me.username}.")]
    if hook.url and settings.telegram_webhook_secret is None:
        found.append(
            Finding("Telegram has a webhook for this bot; it is removed when the desk starts.")
        )
    return found
