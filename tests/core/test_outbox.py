"""From effects to deliveries: the right channel, the right lane, and nothing too big for a call."""

from collections.abc import Sequence
from dataclasses import replace

from core.contact import Identity
from core.conversation import Conversation
from core.effects import (
    Effect,
    Mail,
    MailKind,
    OpenThread,
    Piece,
    Relay,
    RelayEdit,
    Say,
    TellAgents,
    UpdateCard,
    Words,
)
from core.ids import MessageId
from core.joining import joined
from core.message import Attachment, Message, Part, Side
from core.outbox import AGENTS, MAIL, Delivery, DeliveryState, Fits, plan
from core.phrases import Phrase
from core.richtext import plain
from tests.support.builders import MONDAY, CountingIds, conversation, department, known, photo

FITS = Fits(text=20, file=1000)
TOLD = conversation(known(), card_message=MessageId("card"))


def message(text: str, *attachments: Attachment) -> Message:
    return Message(
        id=MessageId("m"),
        conversation_id=TOLD.id,
        side=Side.CUSTOMER,
        author="Ana",
        at=MONDAY,
        part=Part.TALK,
        text=plain(text),
        attachments=attachments,
    )


def planned(
    *effects: Effect,
    said: Message | None = None,
    about: Conversation = TOLD,
    channels: Sequence[str] = ("chat", AGENTS, MAIL),
    pieces_before: int = 0,
) -> list[Delivery]:
    said = said or message("hello")
    return plan(
        effects,
        about,
        {said.id: said},
        department(),
        dict.fromkeys(channels, FITS),
        at=MONDAY,
        new_id=CountingIds().delivery,
        pieces_before={said.id: pieces_before},
    )


RELAY = Relay(to=Side.AGENTS, message_id=MessageId("m"))
EDIT = RelayEdit(to=Side.AGENTS, message_id=MessageId("m"))
HELLO = Words(phrase=Phrase.MAIL_HELLO)


def test_each_effect_goes_where_its_side_is() -> None:
    """The order is kept; a lane is a chat, a thread or a mailbox."""
    effects = (
        OpenThread(),
        Say(words=HELLO),
        TellAgents(words=HELLO),
        Relay(to=Side.CUSTOMER, message_id=MessageId("m")),
        Mail(kind=MailKind.ANSWER, message_ids=(MessageId("m"),)),
    )

    places = [(each.channel, each.lane, each.place) for each in planned(*effects)]

    agents, chat = (AGENTS, "agents:c1", "#support"), ("chat", "chat:ana", "ana")
    mailbox = (MAIL, "mail:ana@example.com", "ana@example.com")
    assert places == [agents, chat, agents, chat, mailbox]


def test_a_channel_that_is_not_set_up_gets_nothing() -> None:
    """A desk without mail says so elsewhere; here it just does not plan what cannot be done."""
    assert planned(Mail(kind=MailKind.TICKET_FILED), channels=("chat", AGENTS)) == []


def test_the_card_carries_its_message() -> None:
    """Whoever renders the card has what stands on it."""
    assert [each.message_id for each in planned(OpenThread(), UpdateCard())] == ["card", "card"]


def test_a_long_text_is_cut_and_every_file_goes_by_itself() -> None:
    """Each delivery is one call; together they are the whole message, text first."""
    said = message("One sentence here. And another one.", photo("a"), photo("b"))

    pieces = [each.effect.piece for each in planned(RELAY, said=said)]  # type: ignore[union-attr]

    texts = [each for each in pieces if each and each.attachment is None]
    assert " ".join(said.text.text[each.start : each.end] for each in texts).split() == (
        said.text.text.split()
    )
    assert all(each.end - each.start <= FITS.text for each in texts)
    assert pieces[len(texts) :] == [Piece(attachment=0), Piece(attachment=1)]


def test_a_file_alone_is_one_delivery() -> None:
    """No empty text goes before it."""
    assert len(planned(RELAY, said=message("", photo("a")))) == 1


def test_an_edit_changes_the_pieces_that_were_sent() -> None:
    """What is left over of them becomes nothing; what is new comes after."""
    shorter = planned(EDIT, said=message("short"), pieces_before=2)
    longer = planned(EDIT, said=message("One sentence here. And another one."), pieces_before=1)

    assert [_of(each) for each in shorter] == [(0, Piece(0, 5)), (1, None)]
    assert [_of(each)[0] for each in longer] == [0, 1]


def _of(delivery: Delivery) -> tuple[int, Piece | None]:
    assert isinstance(delivery.effect, RelayEdit)
    return delivery.effect.number, delivery.effect.piece


def test_customers_have_lanes_of_their_own() -> None:
    """One who waits does not hold up another; agents' lanes are by conversation."""
    other = TOLD.evolve(identity=Identity("chat", "bob"))

    assert planned(Say(words=HELLO))[0].lane != planned(Say(words=HELLO), about=other)[0].lane


# Joined posts

ROOMY = Fits(text=20, file=1000, joins=3)


def a_lane(*texts: str) -> tuple[list[Delivery], dict[MessageId, Message]]:
    """Return messages to the agents that wait for their turn."""
    said = {
        id_: replace(message(text), id=id_)
        for id_, text in ((MessageId(f"m{number}"), text) for number, text in enumerate(texts))
    }
    waiting = [
        planned(Relay(to=Side.AGENTS, message_id=each.id), said=each)[0] for each in said.values()
    ]
    return waiting, said


def test_messages_that_wait_go_together_as_far_as_they_fit() -> None:
    """So many, and so long together; what comes next waits for the next post."""
    (first, *rest), said = a_lane("one", "two", "three", "four")
    assert joined(first, rest, said, ROOMY) == [first, *rest[:2]]
    assert joined(first, rest, said, replace(ROOMY, text=10)) == [first, rest[0]]
    assert joined(first, [], said, ROOMY) == [first]


def test_what_may_have_been_seen_stays_what_it_is() -> None:
    """What was refused, however often, is not among it; what is in doubt is."""
    (first, second, third), said = a_lane("one", "two", "three")
    refused = replace(first, attempts=7)
    assert joined(refused, [second, third], said, ROOMY) == [refused, second, third]
    doubted = replace(second, state=DeliveryState.IN_DOUBT)
    assert joined(first, [doubted, third], said, ROOMY) == [first]


def test_only_whole_messages_to_the_agents_are_joined() -> None:
    """No pieces of a long one, no files, no words of the desk's, and nobody jumps the queue."""
    (first, second), said = a_lane("one", "two")
    long, album, short = message("x" * 25), message("", photo("a")), message("hi")
    others = [
        (planned(Relay(to=Side.AGENTS, message_id=long.id), said=long)[0], long),
        (planned(Relay(to=Side.AGENTS, message_id=long.id), said=long)[1], long),
        (planned(Relay(to=Side.AGENTS, message_id=album.id), said=album)[0], album),
        (planned(RelayEdit(to=Side.AGENTS, message_id=short.id), said=short)[0], short),
        (planned(Relay(to=Side.CUSTOMER, message_id=short.id), said=short)[0], short),
        (planned(TellAgents(words=Words(phrase=Phrase.AGENTS_TAKEN)))[0], short),
    ]
    for other, its in others:
        texts = said | {its.id: its}
        assert joined(first, [other, second], texts, ROOMY) == [first]
        assert joined(other, [first, second], texts, ROOMY) == [other]


def test_a_message_that_changed_before_it_was_sent_is_joined_only_if_it_is_whole() -> None:
    """One that grew or vanished goes alone, and its edit follows."""
    (first, second), said = a_lane("one", "two")
    name = MessageId("m1")
    grown = said | {name: replace(said[name], text=plain("two and more"))}
    gone = said | {name: replace(said[name], text=plain(""))}
    assert joined(first, [second], grown, ROOMY) == [first]
    assert joined(first, [second], gone, ROOMY) == [first]
