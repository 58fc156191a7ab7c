"""What the page does on the customers' phones."""

from typing import Final

from sandbox.page.actions import Action, Json, uploads
from sandbox.telegram import ChatMessage, Customer, TelegramServer

ANSWER_SECONDS: Final = 10.0
"""How long a pressed button waits for the bot's word."""
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Phone:
    """The customers' side of the sandbox's Telegram."""

    def __init__(self, telegram: TelegramServer) -> None:
        self._telegram = telegram

    def actions(self) -> dict[str, Action]:
        """Return what can be done, by name."""
        return {
            "customer": self.come,
            "write": self.write,
            "edit": self.edit,
            "press": self.press,
            "react": self.react,
            "block": self.block,
        }

    def snapshot(self) -> Json:
        """Return all phones as plain JSON."""
        return {
            "bot": self._telegram.bot["first_name"],
            "commands": self._telegram.commands,
            "customers": [customer.snapshot() for customer in self._telegram.customers],
        }

    async def come(self, body: Json) -> Json:
        """Let a new customer come: `name`, `language`; tells their `chat`."""
        name = body["name"].strip()
        if not name:
            raise ValueError("A customer needs a name.")
        customer = self._telegram.customer(name, language_code=body["language"])
        return {"chat": customer.chat_id}

    async def write(self, body: Json) -> None:
        """Send `text` and `files`; a single file carries the text as its caption."""
        customer, text, files = self._customer(body), body.get("text", ""), uploads(body)
        caption = text if len(files) == 1 else ""
        if text.strip() and not caption:
            customer.write(text)
        for file in files:
            if file.mime in _PICTURES:
                customer.send_photo(file.content, caption)
            else:
                customer.send_document(file.name, file.content, file.mime, caption)

    async def edit(self, body: Json) -> None:
        """Replace the text of `message` by `text`."""
        customer = self._customer(body)
        message = _message(customer, body)
        if message.from_bot or not body["text"].strip():
            raise ValueError("Only an own message can be edited, and not to nothing.")
        customer.edit(message, body["text"])

    async def press(self, body: Json) -> Json | None:
        """Press the button with `data` under `message`; tells the bot's word, if it has one."""
        customer = self._customer(body)
        query = customer.press(body["data"], _message(customer, body))
        try:
            answer = await customer.answer(query, ANSWER_SECONDS)
        except AssertionError:
            return None  # An unanswered press goes by unremarked on a phone, too.
        return {"text": answer.text, "alert": answer.alert}

    async def react(self, body: Json) -> None:
        """Put `emoji` on `message`; an empty one takes the reaction back."""
        customer = self._customer(body)
        customer.react(_message(customer, body), body["emoji"])

    async def block(self, body: Json) -> None:
        """Block the bot, or with `blocked` false let it in again."""
        customer = self._customer(body)
        if body["blocked"]:
            customer.block()
        else:
            customer.unblock()

    def _customer(self, body: Json) -> Customer:
        for customer in self._telegram.customers:
            if customer.chat_id == body["chat"]:
                return customer
        raise LookupError("There is no such customer.")


def _message(customer: Customer, body: Json) -> ChatMessage:
    for message in customer.messages:
        if message.id == body["message"]:
            return message
    raise LookupError("That message is gone.")
