"""The intake: what customers answer to the questions, and what they say besides."""

from datetime import timedelta

from core.buttons import Choice, read_choice
from core.contact import read_name
from core.conversation import Conversation, Question, Stage, Wake, WakeFor
from core.decision import Decision
from core.effects import Button, Say, UpdateCard, Words
from core.email_address import Accepted, Doubtful, Refused, read_email, says_more
from core.events import (
    CustomerChose,
    CustomerCommanded,
    CustomerEdited,
    CustomerWrote,
    Happened,
    TimerFired,
)
from core.handover import hand_over
from core.ids import MessageId
from core.message import AttachmentKind, too_big
from core.phrases import Phrase
from core.policy import Policy
from core.questions import ask_again, ask_next, buttons_of, next_question, patient
from core.smalltalk import is_greeting, is_no, is_yes
from core.wording import EMAIL_REFUSALS, script_of

FITS_ON_CARD = 1500
"""The longest problem, in code points, that stands on the card whole."""

_REFUSALS = {**EMAIL_REFUSALS, "no_at": Phrase.EMAIL_NO_AT}
"""In the middle of a talk, what is no address is part of the question."""


def is_answer(now: Conversation, event: CustomerWrote, policy: Policy) -> bool:
    """Whether the message answers the question that is open, rather than tell of the problem."""
    said = event.text.text
    if _is_passed_on(event) or is_greeting(said):
        return False
    match now.question:
        case Question.NAME:
            return read_name(said) is not None
        case Question.EMAIL:
            return "@" in said or (bool(now.suggested_email) and (is_yes(said) or is_no(said)))
        case Question.DEPARTMENT:
            return _department_named(said, policy) is not None
    return False


def hear(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Take it as the answer that is asked for, or as (part of) the problem."""
    now = _in_their_script(now.evolve(reachable=True), event)
    if is_answer(now, event, policy):
        return _answered(now, event, policy)
    kept = _keep(now, event)
    if now.question is Question.EMAIL and not _is_passed_on(event) and not _is_greeting(event):
        no_address = Say(words=Words(phrase=Phrase.EMAIL_NO_AT), buttons=buttons_of(now, policy))
        return Decision(patient(kept, event, policy), (no_address,))
    return _listen(kept, event, policy)


def hear_problem(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Take it as (part of) the problem, whatever is asked, and listen for more of it."""
    now = _in_their_script(now.evolve(reachable=True), event)
    return _listen(_keep(now, event), event, policy)


def _listen(kept: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Say what of it is not taken, and wait for more before anything is asked."""
    refused = tuple(
        Say(words=Words(phrase=Phrase.FILE_TOO_BIG, values=values))
        for values in too_big(event.attachments, policy.largest_from_customer)
    )
    listening = kept.evolve(wake=Wake(at=event.at + policy.burst, reason=WakeFor.ASK))
    return Decision(listening, refused)


def _answered(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    said = event.text.text
    match now.question:
        case Question.NAME:
            named = now.with_contact(name=read_name(said) or "")
            return ask_next(named.evolve(name_from=event.message_id), event, policy)
        case Question.EMAIL if "@" not in said:
            meant = now.suggested_email if is_yes(said) else now.doubtful_email
            return _email_settled(now, meant, event, policy)
        case Question.EMAIL:
            heard = _keep(now, event) if says_more(said) else now
            return _judge_email(heard, said, event.message_id, event, policy)
    return ask_next(now.evolve(department=_department_named(said, policy)), event, policy)


def choose(now: Conversation, event: CustomerChose, policy: Policy) -> Decision:
    """Take the button for the answer it stands for."""
    choice = read_choice(event.token)
    match choice, now.question:
        case Choice("name"), Question.NAME if now.contact.offered_name:
            named = now.with_contact(name=now.contact.offered_name).evolve(name_from=None)
            return ask_next(named, event, policy)
        case Choice("email-yes"), Question.EMAIL if now.suggested_email:
            return _email_settled(now, now.suggested_email, event, policy)
        case Choice("email-no"), Question.EMAIL if now.doubtful_email:
            return _email_settled(now, now.doubtful_email, event, policy)
        case Choice("dept", key), Question.DEPARTMENT if _is_department(key, policy):
            return ask_next(now.evolve(department=key), event, policy)
        case Choice("change-name"), _ if now.question:
            return ask_next(now.with_contact(name="").evolve(name_from=None), event, policy)
        case Choice("change-email"), _ if now.question:
            unknown = now.with_contact(email="", email_proven=False)
            return ask_next(unknown.evolve(email_from=None), event, policy)
    return Decision(now, (Say(words=Words(phrase=Phrase.BUTTON_EXPIRED)),))


def correct(now: Conversation, event: CustomerEdited, policy: Policy) -> Decision:
    """Take the edit of an answer for a better answer, that of the problem for what it says now."""
    if event.message_id == now.name_from and (name := read_name(event.text.text)):
        thanks = Say(words=Words(phrase=Phrase.NAME_CHANGED, values={"name": name}))
        return Decision(now.with_contact(name=name), (thanks,))
    if event.message_id == now.email_from:
        again = now.with_contact(email="", email_proven=False).evolve(question=Question.EMAIL)
        return _judge_email(again, event.text.text, event.message_id, event, policy)
    if event.message_id == now.card_message:
        return Decision(_on_card(now, event))
    if event.message_id in now.problem and not now.has_problem and not _is_greeting(event):
        said = _on_card(now.evolve(has_problem=True), event)
        return Decision(said.evolve(wake=Wake(at=event.at + policy.burst, reason=WakeFor.ASK)))
    return Decision(now)


def correct_card(now: Conversation, event: CustomerEdited) -> Decision:
    """Take the edit of an answer although the intake is over; the card says so."""
    if event.message_id == now.name_from and (name := read_name(event.text.text)):
        return Decision(now.with_contact(name=name), (UpdateCard(),))
    if event.message_id == now.email_from:
        match read_email(event.text.text):
            case Accepted(address) | Doubtful(address):
                corrected = now.with_contact(email=address, email_proven=False, email_works=True)
                return Decision(corrected, (UpdateCard(),))
    return Decision(now)


def start(now: Conversation, event: CustomerCommanded, policy: Policy) -> Decision:
    """Greet, and ask what is missing."""
    if now.question is not None or now.problem:
        return ask_next(now, event, policy)
    return ask_next(now, event, policy, greeting=True)


def cancel(now: Conversation, event: CustomerCommanded, policy: Policy) -> Decision:
    """Leave the questions; agents are not told."""
    if now.question is None and not now.problem:
        return Decision(now, (Say(words=Words(phrase=Phrase.NOTHING_TO_CANCEL)),))
    over = now.evolve(stage=Stage.RESOLVED, question=None, wake=None, resolved_at=event.at)
    return Decision(over, (Say(words=Words(phrase=Phrase.CANCELLED)),))


def wake(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    """Ask what is missing once the burst is over; pass on what is known if the customer left."""
    if now.wake is None:
        return Decision(now)
    ahead, asks = now.wake.at - event.at, now.wake.reason is WakeFor.ASK
    if not asks and ahead > policy.patience:  # the clock was ahead when that was decided
        return Decision(patient(now, event, policy))
    if timedelta() < ahead and not (asks and ahead > policy.burst):
        return Decision(now)
    if asks:
        question = next_question(now, policy)
        again = question is not None and question is now.question
        return ask_again(now, event, policy) if again else ask_next(now, event, policy)
    if not now.has_problem:
        return Decision(now.evolve(wake=None))  # whenever they come back, the question stands
    return hand_over(now.evolve(incomplete=True), event, policy)


def _is_passed_on(event: CustomerWrote) -> bool:
    """Whether it is more than the customer's own words: never an answer to a question."""
    return event.forwarded or bool(event.attachments)


def _is_greeting(event: CustomerWrote | CustomerEdited) -> bool:
    """Whether it says no more than hello; a sticker says no more than that either."""
    attachments = event.attachments if isinstance(event, CustomerWrote) else ()
    stickers = all(each.kind is AttachmentKind.STICKER for each in attachments)
    return stickers and is_greeting(event.text.text)


def _keep(now: Conversation, event: CustomerWrote) -> Conversation:
    """Keep what was written as part of the problem."""
    kept = now.evolve(problem=(*now.problem, event.message_id))
    if now.has_problem or _is_greeting(event):
        return kept
    kept = _on_card(kept.evolve(has_problem=True), event)
    return kept.evolve(card_message=None) if event.attachments else kept


def _on_card(now: Conversation, event: CustomerWrote | CustomerEdited) -> Conversation:
    """Put what was written on the card, if it fits there."""
    fits = 0 < len(event.text.text) <= FITS_ON_CARD
    return now.evolve(
        card_message=event.message_id if fits else None, subject=event.text.first_words(80)
    )


def _in_their_script(now: Conversation, event: CustomerWrote) -> Conversation:
    """Speak as they write; but an e-mail address is in Latin letters whatever they write in."""
    if now.contact.language_chosen or now.problem or now.question is Question.EMAIL:
        return now
    return now.with_contact(language=script_of(event.text.text, now.contact.language))


def _judge_email(
    now: Conversation, text: str, said_in: MessageId, event: Happened, policy: Policy
) -> Decision:
    now = patient(now, event, policy).evolve(
        email_from=said_in, doubtful_email="", suggested_email=""
    )
    match read_email(text):
        case Accepted(address):
            return _email_settled(now, address, event, policy)
        case Doubtful(address, suggestion):
            values = {"address": address, "suggestion": suggestion}
            buttons = (
                Button(Choice("email-yes").token, Phrase.BUTTON_EMAIL_YES, label=suggestion),
                Button(Choice("email-no").token, Phrase.BUTTON_EMAIL_NO),
            )
            doubtful = now.evolve(doubtful_email=address, suggested_email=suggestion)
            words = Words(phrase=Phrase.EMAIL_DOUBTFUL, values=values)
            return Decision(doubtful, (Say(words=words, buttons=buttons),))
        case Refused(reason):
            words = Words(phrase=_REFUSALS[reason])
            return Decision(now, (Say(words=words, buttons=buttons_of(now, policy)),))


def _email_settled(now: Conversation, address: str, event: Happened, policy: Policy) -> Decision:
    return ask_next(now.with_contact(email=address, email_proven=False), event, policy)


def _is_department(key: str, policy: Policy) -> bool:
    return any(each.key == key for each in policy.departments)


def _department_named(said: str, policy: Policy) -> str | None:
    """Return the department that was typed instead of pressed."""
    typed = said.strip().casefold()
    return next((each.key for each in policy.departments if each.name.casefold() == typed), None)
