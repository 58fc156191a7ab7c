"""From effects to deliveries: the right channel, the right lane, and nothing too big for a call."""

from collections.abc import Sequence

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
from core.message import Attachment, Message, Part, Side
from core.outbox import AGENTS, MAIL, Delivery, Fits, plan
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
        Mail(kind=MailKind.ANSWER, message_id=MessageId("m")),
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
