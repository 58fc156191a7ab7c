"""What a customer can ask of the desk itself: help, status, language, an end."""

from core import intake
from core.buttons import Choice, read_choice
from core.conversation import Conversation, Stage
from core.decision import Decision
from core.effects import Button, Effect, Say, TellAgents, UpdateCard, Words
from core.events import Command, CustomerChose, CustomerCommanded
from core.handover import begun_anew, resolve
from core.hours import closes_at, is_open, next_opening
from core.phrases import Phrase
from core.policy import Policy
from core.questions import question_again
from core.ticket import TicketStatus
from core.wording import LANGUAGES

STATUS_NAMES = {
    TicketStatus.OPEN: Phrase.TICKET_OPEN,
    TicketStatus.ANSWERED: Phrase.TICKET_ANSWERED,
    TicketStatus.CUSTOMER_REPLY: Phrase.TICKET_CUSTOMER_REPLY,
    TicketStatus.ON_HOLD: Phrase.TICKET_ON_HOLD,
    TicketStatus.CLOSED: Phrase.TICKET_CLOSED,
}


def obey(now: Conversation, event: CustomerCommanded, policy: Policy) -> Decision:
    """Do what the command says."""
    decision = _obeyed(now, event, policy)
    return decision if now.identity.is_chat else decision.in_silence()


def _obeyed(now: Conversation, event: CustomerCommanded, policy: Policy) -> Decision:
    match event.command:
        case Command.START if now.stage is Stage.ASKING:
            return intake.start(now, event, policy)
        case Command.START if not now.handed_over:
            return intake.start(begun_anew(now, event.at), event, policy)
        case Command.CANCEL if now.stage is Stage.ASKING:
            return intake.cancel(now, event, policy)
        case Command.CANCEL:
            return _say(now, Words(phrase=Phrase.NOTHING_TO_CANCEL))
        case Command.HELP:
            return _say(now, Words(phrase=Phrase.HELP), Words(phrase=Phrase.HELP_COMMANDS))
        case Command.LANGUAGE:
            return Decision(now, (_which_language(),))
        case Command.END:
            return _end(now, event)
        case Command.START | Command.STATUS:
            return _say(now, _status(now), *_hours(now, event, policy))


def choose(now: Conversation, event: CustomerChose, policy: Policy) -> Decision:
    """Take the button for what it stands for; old ones say so."""
    decision = _chosen(now, event, policy)
    return decision if now.identity.is_chat else decision.in_silence()


def _chosen(now: Conversation, event: CustomerChose, policy: Policy) -> Decision:
    choice = read_choice(event.token)
    if choice is not None and choice.kind == "lang" and choice.value in LANGUAGES:
        return _speak(now, choice.value, policy)
    if now.stage is Stage.ASKING:
        return intake.choose(now, event, policy)
    return _say(now, Words(phrase=Phrase.BUTTON_EXPIRED))


def _say(now: Conversation, first: Words, *more: Words) -> Decision:
    return Decision(now, (Say(words=first, more=more),))


def _which_language() -> Say:
    buttons = tuple(
        Button(Choice("lang", code).token, label=name) for code, name in LANGUAGES.items()
    )
    return Say(words=Words(phrase=Phrase.CHOOSE_LANGUAGE), buttons=buttons)


def _speak(now: Conversation, language: str, policy: Policy) -> Decision:
    """Speak another language from now on; an open question is put in it once more."""
    speaking = now.with_contact(language=language, language_chosen=True)
    question, buttons = question_again(now, policy)
    changed = Words(phrase=Phrase.LANGUAGE_CHANGED)
    effects: list[Effect] = [Say(words=changed, more=question, buttons=buttons)]
    if now.handed_over:
        values = {"language": LANGUAGES[language]}
        told = Words(phrase=Phrase.AGENTS_LANGUAGE, values=values)
        effects += [UpdateCard(), TellAgents(words=told)]
    return Decision(speaking, tuple(effects))


def _end(now: Conversation, event: CustomerCommanded) -> Decision:
    if now.stage is Stage.RESOLVED or (now.question is None and not now.problem):
        return _say(now, Words(phrase=Phrase.NOTHING_TO_END))
    say = Say(words=Words(phrase=Phrase.ENDED))
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_ENDED))
    over = resolve(now, event.at)
    ended = Decision(over, (say, UpdateCard(), told) if now.handed_over else (say,))
    return ended if now.reachable else ended.in_silence()


def _status(now: Conversation) -> Words:
    if now.ticket is not None:
        return Words(
            phrase=Phrase.STATUS_TICKET,
            values={"ticket": now.ticket.id},
            parts={"status": Words(phrase=STATUS_NAMES[now.ticket.status])},
        )
    agent = {"agent": now.assignee.name if now.assignee else ""}
    match now.stage:
        case Stage.ASKING if now.question is not None:
            return Words(phrase=Phrase.STATUS_ASKING)
        case Stage.ASKING if now.problem:
            return Words(phrase=Phrase.NOTED)
        case Stage.WAITING if now.assignee:
            return Words(phrase=Phrase.AGENT_TOOK, values=agent)
        case Stage.WAITING:
            return Words(phrase=Phrase.STATUS_WAITING)
        case Stage.ACTIVE:
            return Words(phrase=Phrase.STATUS_ACTIVE, values=agent)
    return Words(phrase=Phrase.STATUS_NOTHING)


def _hours(now: Conversation, event: CustomerCommanded, policy: Policy) -> tuple[Words, ...]:
    hours = policy.department(now.department).hours
    if is_open(hours, event.at):
        phrase, moment = Phrase.STATUS_OPEN_UNTIL, closes_at(hours, event.at)
    else:
        phrase, moment = Phrase.STATUS_OPENS, next_opening(hours, event.at)
    if moment is None:
        return ()
    return (Words(phrase=phrase, moment=moment, now=event.at, zone=hours.zone),)
