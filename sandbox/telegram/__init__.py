"""A Telegram for one machine: the Bot API for one bot, and people with phones to play with it."""

from .customer import Customer
from .limits import UNLIMITED, Limits
from .server import DOWNLOAD, TOKEN, Call, TelegramServer
from .state import CallbackAnswer
from .view import Button, ChatMessage, Media
from .webhook import SECRET_HEADER
from .wire import ApiError

__all__ = [
    "DOWNLOAD",
    "SECRET_HEADER",
    "TOKEN",
    "UNLIMITED",
    "ApiError",
    "Button",
    "Call",
    "CallbackAnswer",
    "ChatMessage",
    "Customer",
    "Limits",
    "Media",
    "TelegramServer",
]
