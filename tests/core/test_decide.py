"""Whatever happens, in whatever order, for however long: what must always hold."""

from datetime import datetime, timedelta
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.conversation import Question, Stage, WakeFor
from core.decide import STAGES, TABLE, decide
from core.effects import Mail, OpenThread, Relay, RelayEdit, Say, TellAgents, UpdateCard, Words
from core.events import (
    AgentEdited,
    AgentFiledTicket,
    AgentHeld,
    AgentResolved,
    AgentTook,
    AgentWrote,
    Command,
    CustomerAsked,
    CustomerAway,
    CustomerChose,
    CustomerCommanded,
    CustomerEdited,
    CustomerFlooded,
    CustomerLeft,
    CustomerMailed,
    CustomerProved,
    CustomerReopened,
    CustomerReplied,
    CustomerReturned,
    CustomerSaw,
    CustomerWrote,
    DeliveryFailed,
    Event,
    Excess,
    FloodEnded,
    MailBounced,
    TimerFired,
)
from core.ids import MessageId, TicketId
from core.intake import is_answer
from core.live import is_note
from core.mailed import is_theirs
from core.message import AttachmentKind, Side
from core.phrases import Phrase
from core.richtext import plain
from core.ticket import TicketStatus
from tests.support.builders import (
    IVAN,
    MILA,
    MONDAY,
    NIGHT,
    conversation,
    department,
    known,
    photo,
    policy,
)

SAID = st.sampled_from(
    (
        *("My site is down", "It says: error 500!", "hello", "Ana", "Ana Anić", "thanks", "👍"),
        *("ana@example.com", "ana@gmial.com", "ana@", "yes", "no", "Support", "Sales", "", "?"),
        "ana@example.com and also my shop has been dead since this morning",
        "very long " * 400,
    )
)
ANSWERS = st.sampled_from(("Have a look", "// a note", "  // another", "Done", ""))
TOKENS = st.sampled_from(
    (
        *("name:", "email-yes:", "email-no:", "change-name:", "change-email:", "nonsense"),
        *("dept:support", "dept:sales", "dept:none", "lang:sr", "lang:en", "lang:xx", ""),
    )
)
FILES = st.lists(
    st.sampled_from(
        (photo(), photo(size=10**9), photo(kind=AttachmentKind.STICKER, detail="👍", ref=""))
    ),
    max_size=2,
).map(tuple)
SPANS = st.sampled_from(
    [timedelta(seconds=1), timedelta(minutes=4), timedelta(hours=3), timedelta(days=2)]
)
AGENTS = st.sampled_from((MILA, IVAN))
ANSWER_TO = {
    Question.NAME: "Ana",
    Question.EMAIL: "ana@example.com",
    Question.DEPARTMENT: "Support",
}
INTAKE = {
    Question.NAME: {Phrase.ASK_NAME, Phrase.ASK_NAME_AGAIN},
    Question.EMAIL: {Phrase.ASK_EMAIL, Phrase.ASK_EMAIL_AGAIN},
    Question.DEPARTMENT: {Phrase.ASK_DEPARTMENT, Phrase.ASK_DEPARTMENT_AGAIN},
    Question.PROBLEM: {Phrase.ASK_PROBLEM},
}


def test_the_table_answers_every_event_in_every_stage() -> None:
    """No event was forgotten, and no stage."""
    assert set(TABLE) == set(get_args(Event))
    assert set(STAGES) == set(Stage)
    assert {len(row) for row in TABLE.values()} == {len(STAGES)}


class Talks(RuleBasedStateMachine):
    """One customer and two agents who do whatever they like, while time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.at = MONDAY
        self.number = 0
        self.policy = policy()
        self.now = conversation()
        self.shown: set[MessageId] = set()
        """What agents can see: in the thread, or on the card."""
        self.pending: set[MessageId] = set()
        """What the customer said of a problem that agents have not been told of."""
        self.notes: dict[MessageId, bool] = {}
        """What agents said, and whether it is a note."""
        self.mailed: set[MessageId] = set()
        """What agents said that has been mailed."""
        self.said: list[MessageId] = []
        self.tickets: list[TicketId] = []

    # What happens

    @initialize(several=st.booleans(), returning=st.booleans(), at=st.sampled_from((MONDAY, NIGHT)))
    def somebody_comes(self, several: bool, returning: bool, at: datetime) -> None:
        self.at = at
        if several:
            self.policy = policy(department("sales"), department("support"))
        if returning:
            self.now = conversation(known())

    @rule()
    @precondition(lambda self: self.now.stage is Stage.ASKING)
    def customer_does_as_asked(self) -> None:
        """Without this most talks would never get to the agents."""
        said = ANSWER_TO.get(self.now.question or Question.PROBLEM, "My site is down")
        self.customer_writes(text=said, files=(), forwarded=False)
        if self.now.stage is Stage.ASKING and self.now.has_problem:
            self.time_passes(timedelta(seconds=2))

    @rule(text=SAID, files=FILES, forwarded=st.booleans())
    def customer_writes(self, text: str, files: tuple[object, ...], forwarded: bool) -> None:
        if not self.now.takes(self.at, self.policy):
            return  # a new conversation would begin: another talk
        event = CustomerWrote(
            at=self.at,
            message_id=self._new_message("c"),
            sent_at=self.at,
            text=plain(text),
            attachments=files,  # type: ignore[arg-type]
            forwarded=forwarded,
        )
        before = self.now
        effects = self._happens(event)
        self.said.append(event.message_id)
        fresh = before.stage is Stage.RESOLVED and not before.handed_over
        if fresh:
            self.pending.clear()
        answered = before.stage is Stage.ASKING and is_answer(before, event, self.policy)
        relayed = Relay(to=Side.AGENTS, message_id=event.message_id) in effects
        kept = event.message_id in self.now.problem
        assert answered or relayed or kept, "what the customer wrote has no place"
        if kept and not self.now.handed_over:
            self.pending.add(event.message_id)

    @rule(
        text=SAID,
        name=st.sampled_from(("Ana", "", "\u200b")),
        email=st.sampled_from(("ana@example.com", "eve@example.org", "nonsense", "")),
        files=FILES,
        department=st.sampled_from(("support", "none", None)),
        as_ticket=st.booleans(),
        proven=st.booleans(),
    )
    def customer_asks(
        self,
        text: str,
        name: str,
        email: str,
        files: tuple[object, ...],
        department: str | None,
        as_ticket: bool,
        proven: bool,
    ) -> None:
        if not self.now.takes(self.at, self.policy):
            return  # a new conversation would begin: another talk
        event = CustomerAsked(
            at=self.at,
            message_id=self._new_message("f"),
            sent_at=self.at,
            name=name,
            email=email,
            text=plain(text),
            attachments=files,  # type: ignore[arg-type]
            department=department,
            as_ticket=as_ticket and self.now.stage is Stage.ASKING,
            proven=proven,
        )
        if self.now.stage is Stage.RESOLVED and not self.now.handed_over:
            self.pending.clear()
        self._says(event)

    @rule(text=SAID, files=FILES)
    def customer_replies(self, text: str, files: tuple[object, ...]) -> None:
        if not self.now.handed_over or not self.now.takes(self.at, self.policy):
            return
        event = CustomerReplied(
            at=self.at,
            message_id=self._new_message("r"),
            sent_at=self.at,
            text=plain(text),
            attachments=files,  # type: ignore[arg-type]
        )
        before = self.now
        self._says(event)
        assert self.now.reachable == before.reachable, "who speaks elsewhere was heard in the chat"
        assert set(before.unmailed) <= set(self.now.unmailed), "taken for read, and it was not"

    def _says(self, event: CustomerAsked | CustomerReplied) -> None:
        effects = self._happens(event)
        self.said.append(event.message_id)
        relayed = Relay(to=Side.AGENTS, message_id=event.message_id) in effects
        kept = event.message_id in self.now.problem
        assert relayed or kept, "what the customer wrote has no place"
        if kept and not self.now.handed_over:
            self.pending.add(event.message_id)

    @rule()
    def customer_reopens(self) -> None:
        before = self.now
        self._happens(CustomerReopened(at=self.at))
        reopened = before.stage is Stage.RESOLVED and before.handed_over
        assert (self.now != before) == reopened

    @rule(email=st.sampled_from(("ana@example.com", "eve@example.org", "")))
    def customer_proves(self, email: str) -> None:
        effects = self._happens(CustomerProved(at=self.at, email=email))
        assert self.now.contact.email_proven or email != self.now.contact.email or not email
        assert not any(isinstance(each, TellAgents | Say) for each in effects)

    @rule()
    def customer_sees(self) -> None:
        assert self._happens(CustomerSaw(at=self.at)) == ()
        assert not self.now.unmailed

    @rule(count=st.integers(0, 3))
    def customer_leaves_the_page(self, count: int) -> None:
        answers = [said for said, is_note in self.notes.items() if not is_note]
        event = CustomerAway(at=self.at, unread=tuple(answers[-count:] if count else ()))
        before, known = self.now, set(self.mailed)
        effects = self._happens(event)
        mails = [each.message_ids for each in effects if isinstance(each, Mail)]
        assert not known & {each for mail in mails for each in mail}, "mailed twice"
        if before.handed_over and before.contact.takes_mail:
            assert {*event.unread, *before.unmailed} <= self.mailed, "an answer that is lost"
        assert len(mails) <= 1
        assert self._happens(event) == (), "told twice, done twice"
        assert self.now.reachable == before.reachable

    @rule(text=SAID, which=st.randoms(use_true_random=False))
    @precondition(lambda self: self.said)
    def customer_edits(self, text: str, which: object) -> None:
        said = which.choice(self.said)  # type: ignore[attr-defined]
        self._happens(CustomerEdited(at=self.at, message_id=said, text=plain(text)))

    @rule(token=TOKENS)
    def customer_presses(self, token: str) -> None:
        self._happens(CustomerChose(at=self.at, token=token))

    @rule(command=st.sampled_from(Command))
    def customer_commands(self, command: Command) -> None:
        before = self.now
        self._happens(CustomerCommanded(at=self.at, command=command))
        if self.now.stage is Stage.RESOLVED and before.stage is Stage.ASKING:
            self.pending.clear()  # left by the customer's own wish

    @rule(left=st.booleans())
    def customer_goes_or_comes(self, left: bool) -> None:
        self._happens(CustomerLeft(at=self.at) if left else CustomerReturned(at=self.at))

    @rule(
        text=SAID,
        sender=st.sampled_from(("ana@example.com", "eve@example.org")),
        proven=st.booleans(),
        automatic=st.booleans(),
        files=FILES,
    )
    def somebody_mails(
        self, text: str, sender: str, proven: bool, automatic: bool, files: tuple[object, ...]
    ) -> None:
        if self.now.stage is Stage.ASKING or not self.now.takes(self.at, self.policy):
            return  # nothing was ever mailed that a mail could answer; or another talk begins
        event = CustomerMailed(
            at=self.at,
            message_id=self._new_message("m"),
            sent_at=self.at,
            sender=sender,
            text=plain(text),
            attachments=files,  # type: ignore[arg-type]
            proven=proven,
            authentic=proven,
            automatic=automatic,
        )
        before, theirs = self.now, is_theirs(self.now, event)
        effects = self._happens(event)
        if not before.handed_over:
            return
        relayed = Relay(to=Side.AGENTS, message_id=event.message_id) in effects
        assert relayed, "a mail that agents do not see"
        if not theirs:
            assert self.now == before, "somebody else changed a conversation"
            assert not any(isinstance(each, Say | Mail) for each in effects)

    @rule(email=st.sampled_from(("ana@example.com", "eve@example.org")))
    @precondition(lambda self: self.now.handed_over)
    def a_mail_comes_back(self, email: str) -> None:
        effects = self._happens(MailBounced(at=self.at, emails=(email,), detail="550 5.1.1"))
        assert any(isinstance(each, TellAgents) for each in effects)

    @rule(too_much=st.sampled_from(Excess), again=st.booleans())
    def customer_floods(self, too_much: Excess, again: bool) -> None:
        flooded = CustomerFlooded(
            at=self.at, too_much=too_much, until=self.at + timedelta(minutes=1), again=again
        )
        before = self.now
        effects = self._happens(flooded)
        assert self.now == before, "what was not taken changed something"
        assert self.now.handed_over or not any(isinstance(each, TellAgents) for each in effects)

    @rule(count=st.integers(1, 100))
    def a_flood_ends(self, count: int) -> None:
        missing = self.now.not_taken + count
        effects = self._happens(FloodEnded(at=self.at, not_taken=count))
        told = any(isinstance(each, TellAgents) for each in effects)
        assert told or self.now.not_taken == missing, "nobody will know what is missing"

    @rule(text=ANSWERS, who=AGENTS, files=FILES)
    @precondition(lambda self: self.now.handed_over)
    def agent_writes(self, text: str, who: object, files: tuple[object, ...]) -> None:
        event = AgentWrote(
            at=self.at,
            message_id=self._new_message("a"),
            sent_at=self.at,
            agent=who,  # type: ignore[arg-type]
            text=plain(text),
            attachments=files,  # type: ignore[arg-type]
        )
        self.notes[event.message_id] = is_note(event.text)
        self._happens(event)

    @rule(text=ANSWERS, which=st.randoms(use_true_random=False))
    @precondition(lambda self: self.notes)
    def agent_edits(self, text: str, which: object) -> None:
        said = which.choice(sorted(self.notes))  # type: ignore[attr-defined]
        was_note, self.notes[said] = self.notes[said], is_note(plain(text))
        self._happens(
            AgentEdited(
                at=self.at, message_id=said, agent=MILA, text=plain(text), was_note=was_note
            )
        )

    @rule(kind=st.sampled_from((AgentTook, AgentResolved, AgentFiledTicket, AgentHeld)), who=AGENTS)
    @precondition(lambda self: self.now.handed_over)
    def agent_presses(self, kind: type[AgentTook], who: object) -> None:
        self._happens(kind(at=self.at, agent=who))  # type: ignore[arg-type]

    @rule(to=st.sampled_from(Side), by_mail=st.booleans(), gone=st.booleans(), words=st.booleans())
    def a_delivery_fails(self, to: Side, by_mail: bool, gone: bool, words: bool) -> None:
        # What became a note meanwhile is held back by the dispatcher, whatever is decided here.
        answers = [said for said, is_note in self.notes.items() if not is_note]
        candidates = answers if to is Side.CUSTOMER else self.said
        said = candidates[-1] if words and candidates and self.now.handed_over else None
        self._happens(
            DeliveryFailed(
                at=self.at,
                to=to,
                by_mail=by_mail,
                message_id=said,
                reason=Words(phrase=Phrase.WHY_BLOCKED),
                gone=gone,
            )
        )

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        """Wake the conversation late: what is overdue is handled once, and leads somewhere."""
        self.at += span
        turns = 0
        while self.now.wake is not None and self.now.wake.at <= self.at:
            self._happens(TimerFired(at=self.at))
            turns += 1
            assert turns < 5, "woken again and again at the same moment"

    @rule()
    def an_alarm_rings_for_nothing(self) -> None:
        before = self.now
        if before.wake is not None and before.wake.at <= self.at:
            return
        assert self._happens(TimerFired(at=self.at)) == ()
        assert self.now == before

    def _new_message(self, prefix: str) -> MessageId:
        self.number += 1
        return MessageId(f"{prefix}{self.number}")

    def _happens(self, event: Event) -> tuple[object, ...]:
        self.number += 1
        ticket = TicketId(f"MNT-{self.number}")
        event = type(event)(**{**event.__dict__, "fresh_ticket_id": ticket})
        before = self.now
        decision = decide(before, event, self.policy)
        assert decision == decide(before, event, self.policy), "the same, decided otherwise"
        self.now = decision.conversation
        self._check(before, event, decision.effects)
        return decision.effects

    def _check(self, before: object, event: Event, effects: tuple[object, ...]) -> None:
        answers = {True: self.now.contact.name, False: self.now.contact.email}
        for effect in effects:
            match effect:
                case Relay(to=Side.CUSTOMER, message_id=said):
                    assert not self.notes[said], "a note on its way to the customer"
                case Mail(message_ids=mailed):
                    assert not any(self.notes[each] for each in mailed), "a note in a mail"
                    self.mailed.update(mailed)
                case RelayEdit(to=Side.CUSTOMER, message_id=said):
                    assert not self.notes[said], "a note on its way to the customer, by an edit"
                case Say(words=words, more=more):
                    asked = {each.phrase for each in (words, *more)}
                    if asked & INTAKE[Question.NAME]:
                        assert not answers[True], "asked for a name that is known"
                    if asked & INTAKE[Question.EMAIL]:
                        assert not answers[False], "asked for an address that is known"
                    if asked & INTAKE[Question.PROBLEM]:
                        assert not self.now.has_problem, "asked for a problem that is known"
                case OpenThread():
                    self.shown.update({self.now.card_message} - {None})  # type: ignore[arg-type]
                case UpdateCard():
                    assert self.now.handed_over, "a card that was never posted is updated"
            if isinstance(effect, Relay) and effect.to is Side.AGENTS:
                self.shown.add(effect.message_id)
            if isinstance(effect, RelayEdit) and effect.to is Side.AGENTS:
                assert self.now.handed_over, "an edit of what agents never saw"
            if isinstance(effect, Mail):
                assert self.now.contact.email and self.now.ticket, "a mail to nobody, of nothing"
        if self.now.handed_over:
            assert self.pending <= self.shown, "agents were told, but not of everything"
            self.pending.clear()
        ticket = self.now.ticket
        if ticket is not None and ticket.id not in self.tickets:
            assert not self.tickets, "a second ticket for the same conversation"
            self.tickets.append(ticket.id)

    # What must always hold

    @invariant()
    def who_waits_is_woken(self) -> None:
        """No conversation is stuck, and none that is over wakes up."""
        wake = self.now.wake
        match self.now.stage:
            case Stage.ASKING if self.now.has_problem:
                assert wake is not None, "a problem that nobody will ever see"
            case Stage.WAITING:
                assert wake is not None and self.now.deadline is not None
            case Stage.ACTIVE:
                assert wake is not None, "a conversation that never ends"
            case Stage.TICKETED:
                rests = self._is_on_hold() and not self.now.unmailed
                assert (wake is None) == rests, "a ticket that is forgotten"
                mails = wake is not None and wake.reason is WakeFor.MAIL
                assert mails == bool(self.now.unmailed), "an answer that is never mailed"
            case Stage.RESOLVED:
                assert wake is None

    def _is_on_hold(self) -> bool:
        ticket = self.now.ticket
        return ticket is not None and ticket.status is TicketStatus.ON_HOLD

    @invariant()
    def a_ticket_lives_as_long_as_its_conversation(self) -> None:
        ticket = self.now.ticket
        if ticket is not None:
            assert self.now.stage in (Stage.TICKETED, Stage.RESOLVED)
            assert (ticket.status is TicketStatus.CLOSED) == (self.now.stage is Stage.RESOLVED)

    @invariant()
    def agents_know_what_is_theirs(self) -> None:
        assert (self.now.stage in (Stage.WAITING, Stage.ACTIVE, Stage.TICKETED)) <= (
            self.now.handed_over
        )


TestTalks = Talks.TestCase
TestTalks.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
