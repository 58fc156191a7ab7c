"""What is kept, and how it is found again.

Tables hold a thing's own words as JSON; a column repeats a part of them only where something is
looked up by it. `seq` is the order in which rows were written, given by the database.
"""

from adapters.store.tables.columns import Moment, metadata
from adapters.store.tables.events import held_events, inbox, journal
from adapters.store.tables.mail import mail_keys, mailboxes, mails
from adapters.store.tables.outbox import AUTOMATIC, UNFINISHED, deliveries
from adapters.store.tables.running import audit, departments, leases, pulse
from adapters.store.tables.talks import contacts, conversations, identities, messages
from adapters.store.tables.web import login_links, passes, web_files, web_frames, web_visits

__all__ = [
    "AUTOMATIC",
    "UNFINISHED",
    "Moment",
    "audit",
    "contacts",
    "conversations",
    "deliveries",
    "departments",
    "held_events",
    "identities",
    "inbox",
    "journal",
    "leases",
    "login_links",
    "mail_keys",
    "mailboxes",
    "mails",
    "messages",
    "metadata",
    "passes",
    "pulse",
    "web_files",
    "web_frames",
    "web_visits",
]
