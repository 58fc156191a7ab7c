"""What the page does in the customers' mail programs."""

from typing import Any

from sandbox.letter import Attachment, Mail
from sandbox.mail import MailServer
from sandbox.mail_customer import MailCustomer
from sandbox.mailbox import Kept, Mailbox
from sandbox.page.actions import Action, Json, uploads
from sandbox.page.cast import SUPPORT
from sandbox.page.threads import threaded


class Post:
    """The customers' side of the sandbox's mail. Every action names the customer's `address`."""

    def __init__(self, mail: MailServer) -> None:
        self._mail = mail

    def actions(self) -> dict[str, Action]:
        """Return what can be done, by name."""
        return {"mail": self.write, "mail-quote": self.quote, "mail-answer": self.answer}

    def snapshot(self) -> Json:
        """Return everybody's mail as plain JSON."""
        return {"support": SUPPORT, "accounts": [_account(each) for each in self._customers()]}

    def kept(self, address: str, folder: str, uid: int) -> Kept:
        """Return a mail in somebody's folder, `in` or `out`. Raises LookupError."""
        box = _folders(self._customer(address))[folder]
        for kept in box.kept:
            if kept.uid == uid:
                return kept
        raise LookupError("That mail is gone.")

    async def write(self, body: Json) -> Json:
        """Send a mail with `subject`, `text` and `files` to the desk; tells its `key`."""
        if not body["subject"].strip() and not body["text"].strip():
            raise ValueError("A mail needs a subject or a text.")
        customer = self._customer(body["address"])
        customer.writes(SUPPORT, body["subject"], body["text"], files=_files(body))
        return {"key": _newest(customer)}

    async def quote(self, body: Json) -> Json:
        """Tell how an answer to the mail `uid` begins: `to`, `subject`, and the `text` quoted."""
        customer, mail = self._customer(body["address"]), self._answered(body)
        return {
            "to": customer.answers_to(mail),
            "subject": customer.answer_subject(mail),
            "text": customer.quoted(mail),
        }

    async def answer(self, body: Json) -> Json:
        """Answer the mail `uid` with `text` and `files`; tells the answer's `key`."""
        if not body["text"].strip():
            raise ValueError("An answer needs a text.")
        customer = self._customer(body["address"])
        customer.replies(self._answered(body), body["text"], quoting=False, files=_files(body))
        return {"key": _newest(customer)}

    def _answered(self, body: Json) -> Mail:
        return self.kept(body["address"], "in", body["uid"]).mail

    def _customers(self) -> list[MailCustomer]:
        """Return the cast, and everybody else to whom mail has come."""
        for address in self._mail.addresses:
            if address != SUPPORT:
                self._mail.customer(address)
        return self._mail.customers

    def _customer(self, address: str) -> MailCustomer:
        for customer in self._customers():
            if customer.address == address:
                return customer
        raise LookupError("There is no such customer.")


def _files(body: Json) -> list[Attachment]:
    return [Attachment(file.name, file.mime, file.content) for file in uploads(body)]


def _folders(customer: MailCustomer) -> dict[str, Mailbox]:
    return {"in": customer.inbox, "out": customer.sent}


def _newest(customer: MailCustomer) -> str:
    return f"out/{customer.sent.kept[-1].uid}"


def _account(customer: MailCustomer) -> Json:
    every = [
        (f"{folder}/{kept.uid}", kept)
        for folder, box in _folders(customer).items()
        for kept in box.kept
    ]
    every.sort(key=lambda each: each[1].mail.at)
    firsts = threaded([kept.mail for _, kept in every])
    return {
        "address": customer.address,
        "name": customer.name,
        "mails": [
            _shown(key, kept, thread=every[first][0])
            for (key, kept), first in zip(every, firsts, strict=True)
        ],
    }


def _shown(key: str, kept: Kept, thread: str) -> dict[str, Any]:
    """Return a mail without its HTML, which is fetched by itself."""
    mail = kept.mail.as_json()
    return {**mail, "html": bool(mail["html"]), "uid": kept.uid, "key": key, "thread": thread}
