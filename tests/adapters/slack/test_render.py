"""Deliveries to agents, as Slack is sent them."""

from dataclasses import replace
from datetime import timedelta
from gettext import NullTranslations
from typing import Any

import pytest

from adapters.slack.places import Place
from adapters.slack.render import FITS, Post, Update, Upload, render
from core.contact import Identity
from core.conversation import Agent, Conversation, Stage
from core.effects import (
    Effect,
    OpenThread,
    Piece,
    Relay,
    RelayEdit,
    Say,
    TellAgents,
    UpdateCard,
    Words,
)
from core.errors import GiveUp
from core.ids import AgentId, DeliveryId, MessageId, Thread, TicketId
from core.message import MEGABYTE, AttachmentKind, Message, Side
from core.outbox import Outgoing
from core.phrases import Phrase
from core.richtext import Mark, RichText, Span, plain
from core.ticket import FiledBecause, Priority, Ticket, TicketStatus
from core.wording import Phrasebook
from sandbox.slack.blocks import MESSAGE_CHARACTERS, block_problems, characters
from sandbox.slack.reading import live_parts, read_blocks
from tests.support.agents_side import (
    ANA,
    NASTY,
    OPENED,
    attachment,
    conversation,
    department,
    message,
    outgoing,
)

BOOK = Phrasebook({"en": NullTranslations()})
THREAD = Thread("C1:170.000100")
MARKO = Agent(AgentId("U1"), "Marko")
TICKET = Ticket(id=TicketId("MNT-4K7Q2"), filed_at=OPENED, because=FiledBecause.AGENT)


def rendered(out: Outgoing) -> Post | Update | Upload | None:
    return render(out, BOOK, "en")


def post(out: Outgoing) -> Post:
    """Return what is posted, after Slack's own checks."""
    call = rendered(out)
    assert isinstance(call, Post)
    check(call)
    return call


def check(call: Post | Update) -> None:
    blocks: list[Any] = call.blocks
    assert block_problems(blocks, "message") == []
    assert characters(blocks) < MESSAGE_CHARACTERS
    assert 0 < len(call.text) <= 4000


def shown(call: Post | Update) -> str:
    blocks: list[Any] = call.blocks
    return read_blocks(blocks, str)


def live(call: Post | Update) -> tuple[list[str], list[tuple[str, str]]]:
    blocks: list[Any] = call.blocks
    return live_parts(call.text, blocks)


def buttons(call: Post) -> list[Any]:
    elements: Any = [b["elements"] for b in call.blocks if b["type"] == "actions"]
    return [button["action_id"] for row in elements for button in row]


def relay(piece: Piece | None = None) -> Relay:
    return Relay(to=Side.AGENTS, message_id=MessageId("m1"), piece=piece)


def in_thread(**changes: Any) -> Conversation:
    return conversation(thread=THREAD, **changes)


# The card


def test_a_card_says_who_asks_what() -> None:
    """Everything that is known of the customer, the problem, and what to do."""
    card = post(outgoing(OpenThread(), of=message("*Down*\nsince noon"), earlier=2))
    assert shown(card) == (
        "🔴 Nobody has answered yet\n"
        "Customer: Ana\nE-mail: ana@example.com\nChannel: Telegram\nLanguage: Српски\n"
        "Opened: 2026-03-02 10:30\nDepartment: Podrška\nEarlier conversations: 2\n"
        "Problem:\n*Down*\nsince noon\n"
        "Answer in the thread. What begins with // stays among agents.\n"
        "[Take] [Resolve] [File ticket]"
    )
    assert card.room == "#support"
    assert card.thread_ts is None
    assert card.text == "🔴 Nobody has answered yet. Ana: My site is down"
    assert card.metadata["event_payload"] == {"delivery_id": "d1"}


@pytest.mark.parametrize(
    ("channel", "name"),
    [("web", "Website"), ("portal", "Portal"), ("api", "API"), ("mail", "Mail")],
)
def test_a_card_calls_a_channel_as_people_do(channel: str, name: str) -> None:
    """Where there is no platform with a name of its own, it says what it is."""
    asked = conversation(identity=Identity(channel, "ana@example.com"))
    assert f"Channel: {name}\n" in shown(post(outgoing(OpenThread(), about=asked)))


def test_a_problem_that_does_not_fit_is_in_the_thread() -> None:
    """The card shows its subject and points below; what is not known is said to be so."""
    nobody = conversation(card_message=None, incomplete=True).with_contact(name="", email="")
    card = shown(post(outgoing(OpenThread(), about=nobody)))
    assert "Problem: My site is down (see the thread)" in card
    assert "Customer: not known\nE-mail: not known" in card
    assert "The customer left before every question was answered." in card


STAGES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "waiting": ({}, "🔴 Nobody has answered yet", ["take", "resolve", "file-ticket"]),
    "taken": ({"assignee": MARKO}, "🟡 Taken by Marko", ["resolve", "file-ticket"]),
    "active": (
        {"assignee": MARKO, "stage": Stage.ACTIVE},
        "🟢 Answered by Marko",
        ["resolve", "file-ticket"],
    ),
    "ticketed": (
        {"stage": Stage.TICKETED, "ticket": TICKET},
        "🎫 Ticket MNT-4K7Q2: open",
        ["take", "resolve", "ticket"],
    ),
    "merged": (
        {
            "stage": Stage.RESOLVED,
            "resolved_at": OPENED,
            "ticket": replace(
                TICKET, status=TicketStatus.CLOSED, merged_into=TicketId("MNT-OTHER")
            ),
        },
        "🔀 Merged into MNT-OTHER",
        [],
    ),
    "resolved": ({"stage": Stage.RESOLVED, "resolved_at": OPENED}, "✅ Resolved", []),
}


@pytest.mark.parametrize("stage", STAGES)
def test_the_card_shows_how_it_stands(stage: str) -> None:
    """Each stage has its line, and only the buttons that mean something in it."""
    changes, status, offered = STAGES[stage]
    card = post(outgoing(OpenThread(), about=conversation(**changes), of=message()))
    assert shown(card).splitlines()[0] == status
    assert buttons(card) == offered


@pytest.mark.parametrize("status", TicketStatus)
def test_every_ticket_status_has_its_words(status: TicketStatus) -> None:
    """A ticket's line names its ID and how it stands."""
    ticket = Ticket(id=TICKET.id, filed_at=OPENED, because=FiledBecause.AGENT, status=status)
    over: dict[str, Any] = {"stage": Stage.TICKETED}
    if status is TicketStatus.CLOSED:
        over = {"stage": Stage.RESOLVED, "resolved_at": OPENED}
    card = post(outgoing(OpenThread(), about=conversation(ticket=ticket, **over)))
    assert "Ticket: MNT-4K7Q2: " in shown(card)


def test_a_tickets_card_names_its_subject_priority_and_what_went_before() -> None:
    """What agents change in its menu, which offers what it is not."""
    held = replace(TICKET, status=TicketStatus.ON_HOLD, priority=Priority.HIGH)
    about = conversation(
        stage=Stage.TICKETED,
        ticket=held,
        subject="DNS",
        earlier_tickets=(TicketId("MNT-2"), TicketId("MNT-1")),
    )
    card = shown(post(outgoing(OpenThread(), about=about, of=message())))

    assert "Ticket: MNT-4K7Q2: on hold\nSubject: DNS\nPriority: high\n" in card
    assert "Earlier tickets: MNT-2, MNT-1\n" in card
    assert (
        "[Back to open | Change the subject… | Merge into… | Priority: low | Priority: medium]"
        in card
    )


def test_a_card_is_brought_up_to_date_where_it_stands() -> None:
    """It is the thread's root, and keeps the kinds of blocks that it was posted with."""
    update = rendered(outgoing(UpdateCard(), about=in_thread(), of=message()))
    assert isinstance(update, Update)
    assert update.place == Place("C1", "170.000100")
    assert update.metadata["event_payload"] == {"delivery_id": "d1"}
    resolved = in_thread(stage=Stage.RESOLVED, resolved_at=OPENED)
    later = rendered(outgoing(UpdateCard(), about=resolved))
    assert isinstance(later, Update)
    for card in (update, later):
        check(card)
        assert [b["type"] for b in card.blocks].count("rich_text") == 1


def test_a_problem_edited_into_a_long_one_still_fits_the_card() -> None:
    """A card is cut rather than refused."""
    card = post(outgoing(OpenThread(), of=message("<&> " * 3000)))
    assert "…" in shown(card)


# Words of the customer's


def test_a_relayed_message_begins_with_who_says_it() -> None:
    """The name in bold, on a line of its own, then the text with its marks."""
    text = RichText("see this", (Span(4, 8, Mark.BOLD),))
    call = post(outgoing(relay(Piece(0, 8)), of=message(text), about=in_thread()))
    assert shown(call) == "Ana\nsee this"
    assert call.text == "Ana\nsee this"
    assert (call.room, call.thread_ts) == ("C1", "170.000100")
    bold = {"type": "text", "text": "Ana", "style": {"bold": True}}
    section: Any = call.blocks[0]["elements"]
    assert section[0]["elements"][0] == bold


def test_what_an_agent_said_in_another_thread_begins_with_the_agent() -> None:
    """There it was read under their name; here the desk posts it."""
    said = replace(message("Have a look"), side=Side.AGENTS, author="Mila <!here>")
    alone = post(outgoing(relay(Piece(0, 11)), of=said, about=in_thread()))
    assert shown(alone) == "Mila <!here>\nHave a look"
    assert live(alone) == ([], [])

    both = replace(outgoing(relay(), of=said, about=in_thread()), with_messages=(message(), said))
    assert shown(post(both)) == "Ana\nMy site is down\n\nMila <!here>\nHave a look"


def test_words_about_another_thread_lead_there() -> None:
    """Where Slack says how; else they stand alone."""
    words = Words(phrase=Phrase.AGENTS_MERGED, values={"agent": "Mila", "ticket": "MNT-1"})
    told = outgoing(TellAgents(words=words, leads_to=THREAD), about=in_thread())
    link = "https://example.slack.com/archives/C1/p170000100"
    call = render(told, BOOK, "en", link=link)
    assert isinstance(call, Post)
    check(call)
    said = "Mila merged this into MNT-1. What is written here goes on there."
    assert shown(call) == f"{said}\n{link}"
    assert shown(post(told)) == said


def test_only_the_first_piece_names_the_customer() -> None:
    """A long message is one voice."""
    long = message("One. " * 600)
    call = post(outgoing(relay(Piece(2899, 2999)), of=long, about=in_thread()))
    assert not shown(call).startswith("Ana")


def test_a_full_piece_fits_one_call() -> None:
    """The longest text, full of what must be escaped, is within Slack's limits."""
    text = message("<" * FITS.text)
    post(outgoing(relay(Piece(0, FITS.text)), of=text, about=in_thread()))


def test_a_thousand_masked_links_do_not_burst_the_message() -> None:
    """Destinations too long to be written out are left out, together with their links."""
    address = "https://example.com/" + "x" * 2000
    spans = tuple(Span(n, n + 1, Mark.LINK, f"{address}{n}") for n in range(0, 100, 2))
    call = post(
        outgoing(relay(Piece(0, 100)), of=message(RichText("ab" * 50, spans)), about=in_thread())
    )
    assert shown(call) == "Ana\n" + "ab" * 50
    assert live(call) == ([], [])


def test_files_go_up_and_everything_else_is_told_in_words() -> None:
    """A file that can be carried is uploaded beside its name; a voice message is described."""
    file = attachment(ref="f1", name="račun <1>.pdf", size=10)
    voice = attachment(AttachmentKind.VOICE, ref="f2", seconds=5)
    empty = attachment(ref="f3", name="empty.txt", size=0)
    huge = attachment(ref="f4", name="huge.zip", size=101 * MEGABYTE)
    said = message("", file, voice, empty, huge)

    def sent(number: int) -> Post | Update | Upload | None:
        return rendered(outgoing(relay(Piece(attachment=number)), of=said, about=in_thread()))

    assert sent(0) == Upload(
        thread=Place("C1", "170.000100"),
        attachment=file,
        name="račun <1>.pdf",
        comment="Ana: račun &lt;1&gt;.pdf",
    )
    calls = [sent(number) for number in (1, 2, 3)]
    assert [shown(call) for call in calls if isinstance(call, Post)] == [
        "Ana sent a voice message of 5 s",
        "Ana sent a file: empty.txt",
        "Ana sent a file: huge.zip",
    ]


def test_a_nameless_photo_gets_a_name() -> None:
    """Slack asks for one."""
    photo = attachment(AttachmentKind.PHOTO, ref="f1", mime="image/jpeg")
    call = rendered(outgoing(relay(Piece(attachment=0)), of=message("", photo), about=in_thread()))
    assert isinstance(call, Upload)
    assert call.name == "photo.jpg"


# Edits


def test_an_edit_changes_the_piece_that_stands_there() -> None:
    """Attachments and earlier edits do not disturb the count."""
    receipts = ["C1:171.1", "attachment:F1", "C1:172.2", "C1:171.1", ""]

    def edited(number: int, piece: Piece | None) -> Post | Update | Upload | None:
        effect = RelayEdit(to=Side.AGENTS, message_id=MessageId("m1"), number=number, piece=piece)
        of = message("better now")
        return rendered(outgoing(effect, of=of, about=in_thread(), receipts=receipts))

    first, second = edited(0, Piece(0, 6)), edited(1, Piece(7, 10))
    gone, more, nothing = edited(1, None), edited(2, Piece(7, 10)), edited(2, None)

    assert isinstance(first, Update)
    assert (str(first.place), shown(first)) == ("C1:171.1", "Ana\nbetter")
    assert isinstance(second, Update)
    assert (str(second.place), shown(second)) == ("C1:172.2", "now")
    assert isinstance(gone, Update)
    assert (str(gone.place), shown(gone)) == ("C1:172.2", "…")
    assert isinstance(more, Post)
    assert shown(more) == "now"
    assert nothing is None


# Joined posts


def together(*texts: str, minutes: int = 0) -> list[Message]:
    """Return messages that share a post, the last one written so long after the others."""
    said = [message(text, id=f"m{number}") for number, text in enumerate(texts, start=1)]
    return [*said[:-1], replace(said[-1], at=OPENED + timedelta(minutes=minutes))]


def of_post(effect: Effect, said: list[Message], about: Conversation | None = None) -> Outgoing:
    about = about or in_thread()
    out = outgoing(effect, of=said[0], about=about, receipts=["C1:171.1"])
    return replace(out, with_messages=tuple(said))


def test_a_joined_post_names_the_author_of_each_message() -> None:
    """One below the other, and the delivery's id by which it is found again."""
    call = post(of_post(relay(Piece(0, 3)), together("one", "two\nlines", "three")))
    assert shown(call) == "Ana\none\n\nAna\ntwo\nlines\n\nAna\nthree"
    assert call.text == shown(call)
    assert call.metadata["event_payload"] == {"delivery_id": "d1"}


def test_messages_more_than_a_minute_apart_say_when_they_were_written() -> None:
    """In the department's time; in a quick burst the times would only be in the way."""
    assert shown(post(of_post(relay(Piece(0, 3)), together("one", "two", minutes=2)))) == (
        "Ana · 10:30\none\n\nAna · 10:32\ntwo"
    )
    assert "10:" not in shown(post(of_post(relay(Piece(0, 3)), together("one", "two", minutes=1))))


def edit_of(piece: Piece | None, number: int = 0) -> RelayEdit:
    return RelayEdit(to=Side.AGENTS, message_id=MessageId("m1"), number=number, piece=piece)


def test_an_edit_in_a_joined_post_changes_its_own_words_alone() -> None:
    """What was said beside it stays; words that were taken back show as a gap."""
    changed = rendered(of_post(edit_of(Piece(0, 4)), together("ones", "two")))
    assert isinstance(changed, Update)
    check(changed)
    assert (str(changed.place), shown(changed)) == ("C1:171.1", "Ana\nones\n\nAna\ntwo")
    gone = rendered(of_post(edit_of(None), together("", "two")))
    assert isinstance(gone, Update)
    assert shown(gone) == "Ana\n…\n\nAna\ntwo"


def test_an_edit_for_which_a_joined_post_has_no_room_is_posted_anew() -> None:
    """Neither its words nor the others' are cut."""
    grown = together("x" * 2500, "y" * 2000, "z" * 2000)
    call = post(of_post(edit_of(Piece(0, 2500)), grown))
    assert shown(call) == "Ana\n" + "x" * 2500


def test_a_full_joined_post_fits_one_call() -> None:
    """As many messages and as long as may be, under the longest name, all to be escaped."""
    name = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}" * 64
    about = in_thread().with_contact(name=name)
    full = together(*(["<" * (FITS.text // FITS.joins)] * FITS.joins), minutes=5)
    post(of_post(relay(Piece(0, 290)), full, about))
    grown = together(*(["<" * 5000] * FITS.joins))
    post(of_post(relay(Piece(0, 290)), grown, about))


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_typed_takes_effect_in_a_joined_post(nasty: str) -> None:
    """Nor do the words of one message reach over into the next."""
    about = in_thread().with_contact(name=nasty)
    said = together(nasty, "two", nasty)
    mentions, links = live(post(of_post(relay(Piece(0, len(nasty))), said, about)))
    assert mentions == []
    assert all(label in url for url, label in links)


# Words of the desk's


@pytest.mark.parametrize(
    ("on_call", "called"),
    [
        ("S00000001", ["<!subteam^S00000001>"]),
        ("here", ["<!here>"]),
        ("", []),
        ("channel", []),
        ("S1><!channel", []),
        ("U00000001", []),
    ],
)
def test_a_reminder_calls_the_group_on_call(on_call: str, called: list[str]) -> None:
    """A group or those present, if the settings name them beyond doubt; nobody else."""
    words = Words(phrase=Phrase.AGENTS_TAKEN, values={"agent": "Marko"})

    def told(loud: bool) -> Post:
        effect = TellAgents(words=words, on_call=loud)
        return post(outgoing(effect, about=in_thread(), to=department(on_call=on_call)))

    assert live(told(True))[0] == called
    assert live(told(False))[0] == []
    assert "Marko takes this." in shown(told(True))


def test_beside_a_failure_is_a_button_to_try_again() -> None:
    """It names the conversation and the delivery; other words have none."""
    words = Words(
        phrase=Phrase.AGENTS_NOT_DELIVERED, parts={"reason": Words(phrase=Phrase.WHY_GONE)}
    )

    def buttons(effect: TellAgents) -> Any:
        blocks = post(outgoing(effect, about=in_thread())).blocks
        assert block_problems(blocks, "message") == []
        return [each["elements"] for each in blocks if each["type"] == "actions"]

    ((button,),) = buttons(TellAgents(words=words, retry=DeliveryId("d7")))
    assert (button["action_id"], button["value"]) == ("retry", "c1 d7")
    assert button["text"]["text"] == "Try again"
    assert buttons(TellAgents(words=words)) == []


def test_without_a_thread_there_is_nowhere_to_say_it() -> None:
    """The delivery is given up rather than posted into the room."""
    with pytest.raises(GiveUp):
        rendered(outgoing(relay(Piece(0, 3)), of=message()))


def test_agents_are_never_sent_what_is_for_customers() -> None:
    """Such a delivery is a mistake in the program, and shows."""
    with pytest.raises(TypeError, match="Say"):
        rendered(outgoing(Say(words=Words(phrase=Phrase.HELP)), about=in_thread()))


# Nothing that a customer types takes effect


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_a_customer_typed_takes_effect(nasty: str) -> None:
    """In a name, an address, a subject, a text, a file's name: no mention, no masked link."""
    about = in_thread(subject=nasty).with_contact(name=nasty, email=nasty)
    of = message(
        RichText(nasty, (Span(0, len(nasty), Mark.LINK, "https://evil.example"),)),
        attachment(AttachmentKind.OTHER, name=nasty, detail=nasty),
        attachment(AttachmentKind.POLL, name=nasty, detail=nasty),
        attachment(ref="f", name=nasty, size=1),
    )
    words = Words(phrase=Phrase.AGENTS_TICKET_MAILED, values={"ticket": nasty, "email": nasty})
    edit = RelayEdit(to=Side.AGENTS, message_id=of.id, piece=Piece(0, len(nasty)))
    effects: list[Effect] = [
        OpenThread(),
        relay(Piece(0, len(nasty))),
        relay(Piece(attachment=0)),
        relay(Piece(attachment=1)),
        edit,
        TellAgents(words=words, on_call=True),
    ]
    for effect in effects:
        call = post(outgoing(effect, of=of, about=about))
        mentions, links = live(call)
        assert mentions == []
        assert all(label in url for url, label in links)
    upload = rendered(outgoing(relay(Piece(attachment=2)), of=of, about=about))
    assert isinstance(upload, Upload)
    assert live_parts(upload.comment, []) == ([], [])


def test_names_cannot_turn_the_text_around() -> None:
    """Control and direction characters are gone from names before anybody reads them."""
    about = in_thread().with_contact(name="\u202eAna\u200b\nSupport")
    assert "\u202e" not in shown(post(outgoing(OpenThread(), about=about, of=message())))
    assert ANA.name in shown(post(outgoing(relay(Piece(0, 2)), of=message(), about=about)))


def test_a_quote_in_a_text_stays_a_quote() -> None:
    """The name before it does not become part of it."""
    text = plain("said so").marked(Mark.QUOTE)
    call = post(outgoing(relay(Piece(0, 7)), of=message(text), about=in_thread()))
    elements: Any = call.blocks[0]["elements"]
    assert [each["type"] for each in elements] == ["rich_text_section", "rich_text_quote"]
