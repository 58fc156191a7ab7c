"""Mails as they were read, for tests of what is made of them."""

from adapters.mail.letter import Letter
from core.richtext import RichText


def letter(
    *,
    sender: str = "ana@example.org",
    subject: str = "The invoice",
    message_id: str = "<1@mail.example.org>",
    refers_to: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
) -> Letter:
    """Return a person's mail, with more *headers* than such a mail needs."""
    return Letter(
        sender=sender,
        sender_name="Ana Anić",
        recipients=("podrska@example.com",),
        subject=subject,
        date=None,
        message_id=message_id,
        refers_to=refers_to,
        text=RichText("Please send me the invoice."),
        whole="Please send me the invoice.",
        enclosed=(),
        dropped=(),
        language="en",
        headers={name.lower(): (value,) for name, value in (headers or {}).items()},
        damaged="",
    )
