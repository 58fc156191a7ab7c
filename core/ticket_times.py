"""When a ticket wants attention although nobody speaks, by who has to act next."""

from datetime import datetime, timedelta

from core.conversation import Conversation, Wake, WakeFor
from core.hours import next_opening
from core.policy import Department, Policy
from core.ticket import TicketStatus

WAITS_FOR_US = (TicketStatus.OPEN, TicketStatus.CUSTOMER_REPLY)


def with_status(
    now: Conversation, status: TicketStatus, at: datetime, policy: Policy
) -> Conversation:
    """Return it with its ticket's *status*, and woken when that has lasted for too long.

    What waits for an agent already goes on waiting: writing on puts no reminder off.
    """
    changed = now.with_ticket(status=status)
    reminded = now.wake is not None and now.wake.reason is WakeFor.TICKET_REMINDER
    if status in WAITS_FOR_US and reminded:
        return changed
    return timed(changed, at, policy)


def timed(now: Conversation, at: datetime, policy: Policy) -> Conversation:
    """Start the wait for whoever has to act next; what is on hold waits for nobody."""
    return now.evolve(wake=_wake(now, at, policy), deadline=None)


def reminder(at: datetime, department: Department) -> Wake | None:
    """Return a reminder at *at*, or when the department opens after that; None if it never does."""
    there = next_opening(department.hours, at)
    return Wake(at=there, reason=WakeFor.TICKET_REMINDER) if there else None


def closing(at: datetime, department: Department, policy: Policy) -> Wake:
    """Return when a ticket is closed whose customer is warned now."""
    return Wake(at=at + _warning(department, policy), reason=WakeFor.CLOSING)


def set_right(now: Conversation, at: datetime, policy: Policy) -> Conversation:
    """Return it with a wake time that can be: the clock may have been ahead when it was set."""
    if now.wake is None:
        return now
    latest = _wake(now, at, policy)
    if now.wake.reason is WakeFor.MAIL:
        latest = Wake(at=at + policy.unread, reason=WakeFor.MAIL)
    if now.wake.reason is WakeFor.CLOSING:
        latest = closing(at, policy.department(now.department), policy)
    if latest is None or now.wake.at <= latest.at:
        return now
    since = now.waiting_since
    mail_at = latest.at if now.mail_at else None
    waiting_since = min(since, at) if since else None
    return now.evolve(wake=latest, mail_at=mail_at, waiting_since=waiting_since)


def _wake(now: Conversation, at: datetime, policy: Policy) -> Wake | None:
    if now.mail_at is not None:
        return Wake(at=now.mail_at, reason=WakeFor.MAIL)
    department = policy.department(now.department)
    status = now.ticket.status if now.ticket else None
    if status is TicketStatus.ANSWERED:
        silent = department.close_after - _warning(department, policy)
        return Wake(at=at + silent, reason=WakeFor.CLOSING_SOON)
    if status in WAITS_FOR_US:
        return reminder(at + department.remind_after, department)
    return None


def _warning(department: Department, policy: Policy) -> timedelta:
    """Return how long before its closing a ticket's customer is warned: never from the start."""
    return min(policy.warn_before, department.close_after / 2)
