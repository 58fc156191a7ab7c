"""What ties a mail to its conversation, and cannot be made by anybody else."""

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.tokens import Tokens
from core.ids import ConversationId

OLD, NEW = b"the key of last year", b"the key of this year"
DESK = "podrska@example.com"
ANA = "ana@example.org"
TALK = ConversationId("0f8fad5bd9cb469fa165708677289501")
TOKENS = Tokens([NEW], DESK)
ADDRESS = TOKENS.reply_address(TALK, ANA)
TOKEN = ADDRESS.removeprefix("podrska+").removesuffix("@example.com")
MESSAGE_ID = TOKENS.message_id(TALK, ANA, "first")
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def test_an_answer_to_our_address_finds_its_conversation_again() -> None:
    """The reply address names the conversation, and whom it was given to."""
    token = TOKENS.read(ADDRESS)

    assert token is not None
    assert token.conversation == TALK
    assert TOKENS.was_sent_to(token, ANA)
    assert not TOKENS.was_sent_to(token, "mallory@example.org")


def test_an_answer_to_our_message_finds_its_conversation_again() -> None:
    """The Message-ID does so too, for those whose program drops what follows a plus."""
    token = TOKENS.read(TOKENS.message_id(TALK, ANA, "5d3e"))

    assert token == TOKENS.read(ADDRESS)


def test_a_reply_address_fits_into_what_servers_take() -> None:
    """Before the @ stand at most 64 characters, and only small letters and digits."""
    local, _, domain = ADDRESS.partition("@")

    assert len(local) == len("podrska+") + 48 <= 64
    assert local == local.lower()
    assert domain == "example.com"


def test_a_long_address_takes_no_token() -> None:
    """A reply address that some servers would refuse is not given out; the Message-ID remains."""
    longest = Tokens([NEW], "kundendienst-ww@example.com")
    too_long = Tokens([NEW], "kundendienst-rs-@example.com")

    assert len(longest.reply_address(TALK, ANA).partition("@")[0]) == 64
    assert too_long.reply_address(TALK, ANA) == "kundendienst-rs-@example.com"
    assert too_long.read(too_long.message_id(TALK, ANA, "first")) is not None


def test_where_plus_addresses_do_not_arrive_none_are_given_out() -> None:
    """Without them the reply address is the plain one."""
    tokens = Tokens([NEW], DESK, plus=False)

    assert tokens.reply_address(TALK, ANA) == DESK
    assert tokens.read(ADDRESS) is not None, "those given out before are still good"


@pytest.mark.parametrize("change", [str.upper, str.title, str.swapcase])
def test_capitals_make_no_difference(change: Callable[[str], str]) -> None:
    """Some servers rewrite addresses in capitals, and people write their own name as they like."""
    token = TOKENS.read(change(ADDRESS))

    assert token == TOKENS.read(change(MESSAGE_ID)) == TOKENS.read(ADDRESS)
    assert token is not None
    assert TOKENS.was_sent_to(token, "Ana@EXAMPLE.org")


@pytest.mark.parametrize(
    "text",
    [
        f"<{ADDRESS}>",
        f"Podrška <{ADDRESS}>",
        f'"{ADDRESS}" <{ADDRESS}>',
        f"Other <o@example.org>,{ADDRESS}, third@example.org",
        f"The desk:{ADDRESS};",
        f"<a@b.example>\n <c@d.example>\r\n\t{MESSAGE_ID}\r\n <e@f.example>",
        f"<a@b.example>{MESSAGE_ID}<e@f.example>",
        MESSAGE_ID.strip("<>"),
        f"{ADDRESS}.",
    ],
)
def test_a_token_is_found_where_headers_have_it(text: str) -> None:
    """Between brackets, after a name, among others, in the middle of a folded header."""
    assert TOKENS.read(text) == TOKENS.read(ADDRESS)


def test_a_token_comes_through_a_written_mail() -> None:
    """What our own mails say can be read back from their bytes."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["References"] = " ".join(
        TOKENS.message_id(TALK, ANA, UUID(int=n, version=4).hex) for n in range(9)
    )

    assert len(list(TOKENS.read_all(mail.as_string()))) == 9


@pytest.mark.parametrize(
    "text",
    [
        "",
        TOKEN,
        f"{TOKEN}@example.com",
        f"podrska+{TOKEN}",
        f"podrska+{TOKEN[:-1]}@example.com",
        f"podrska+{TOKEN[1:]}@example.com",
        f"podrska+{TOKEN}a@example.com",
        f"podrska+a{TOKEN}@example.com",
        f"podrska-{TOKEN}@example.com",
        f"podrska+{TOKEN[:24]} {TOKEN[24:]}@example.com",
        f"xpodrska+{TOKEN}@example.com",
        f"x.podrska+{TOKEN}@example.com",
        f"other+{TOKEN}@example.com",
        f"podrska+{TOKEN}@example.com.evil.example",
        f"podrska+{TOKEN}@example.community",
        f"podrska+{TOKEN}@evil.example",
        f"<{TOKEN}.first@evil.example>",
        f"<x{TOKEN}.first@example.com>",
        f"podrska+{TOKEN.replace('s', 'ſ').replace('k', chr(0x212A))}@example.com"
        if set("sk") & set(TOKEN)
        else "",
    ],
)
def test_what_is_not_quite_a_token_of_ours_is_none(text: str) -> None:
    """Cut, lengthened, elsewhere, at another's domain: it ties nothing."""
    assert TOKENS.read(text) is None


def test_every_single_changed_bit_is_noticed() -> None:
    """A token with any one of its 240 bits turned is not valid."""
    digits = [BASE32.index(letter) for letter in TOKEN]
    for place in range(48):
        for bit in range(5):
            turned = [*digits[:place], digits[place] ^ (1 << bit), *digits[place + 1 :]]
            forged = "".join(BASE32[digit] for digit in turned)
            assert TOKENS.read(f"podrska+{forged}@example.com") is None


@given(st.text(BASE32 + BASE32[:26].upper(), min_size=48, max_size=48))
def test_nothing_that_is_made_up_is_valid(made_up: str) -> None:
    """Of all texts of the right form only those that the desk wrote are tokens."""
    valid = TOKENS.read(f"podrska+{made_up}@example.com") is not None

    assert valid == (made_up.lower() == TOKEN)


@given(st.data())
def test_no_change_of_a_token_is_valid(data: st.DataObject) -> None:
    """Letters replaced, left out, put in or moved: never a token, not even for somebody else."""
    start = data.draw(st.integers(0, 48))
    end = data.draw(st.integers(start, 48))
    changed = TOKEN[:start] + data.draw(st.text(BASE32, max_size=50)) + TOKEN[end:]

    if changed != TOKEN:
        assert TOKENS.read(f"podrska+{changed}@example.com", f"<{changed}.1@example.com>") is None


def test_two_valid_tokens_cannot_be_made_into_a_third() -> None:
    """The conversation of one and the signature of the other do not go together."""
    other = Tokens([NEW], DESK).reply_address(ConversationId("c2"), ANA)[8:56]

    for cut in range(1, 48):
        assert TOKENS.read(f"podrska+{TOKEN[:cut]}{other[cut:]}@example.com") is None


def test_another_desks_tokens_are_none_of_ours() -> None:
    """Only who has the key can make one."""
    stranger = Tokens([b"somebody else's key"], DESK)

    assert TOKENS.read(stranger.reply_address(TALK, ANA)) is None


def test_after_a_change_of_keys_old_answers_still_arrive() -> None:
    """The new key signs, both verify; once the old one is thrown away, its tokens are void."""
    before, after = Tokens([OLD], DESK), Tokens([NEW, OLD], DESK)
    old = before.reply_address(TALK, ANA)

    token = after.read(old)

    assert token is not None
    assert token.conversation == TALK
    assert after.was_sent_to(token, ANA)
    assert after.reply_address(TALK, ANA) == ADDRESS != old
    assert TOKENS.read(old) is None


def test_of_several_tokens_the_first_valid_is_read() -> None:
    """Forged ones before it do no harm, and all valid ones can be had, in their order."""
    other = TOKENS.message_id(ConversationId("c2"), ANA, "first")
    forged = f"podrska+{'a' * 48}@example.com"

    assert TOKENS.read(forged, f"{other} {ADDRESS}") == TOKENS.read(other)
    assert [token.conversation for token in TOKENS.read_all(forged, other, ADDRESS)] == ["c2", TALK]


@pytest.mark.parametrize(
    ("written", "is_the_same"),
    [
        ("ANA@EXAMPLE.ORG", True),
        ("ana@example.org.", False),
        ("ana+x@example.org", False),
        ("аna@example.org", False),
        ("ana@mail.example.org", False),
        ("", False),
    ],
)
def test_a_token_belongs_to_one_address(written: str, is_the_same: bool) -> None:
    """Nothing but capitals may differ."""
    token = TOKENS.read(ADDRESS)

    assert token is not None
    assert TOKENS.was_sent_to(token, written) is is_the_same


def test_no_address_becomes_another_by_lower_casing() -> None:
    """The sign for kelvin is not the letter k in an address."""
    token = TOKENS.read(TOKENS.reply_address(TALK, "kate@example.org"))

    assert token is not None
    assert not TOKENS.was_sent_to(token, "\u212aate@example.org")


def test_a_domain_may_be_written_in_either_form() -> None:
    """People type it in their script, and mail servers in IDNA."""
    token = TOKENS.read(TOKENS.reply_address(TALK, "ana@пример.срб"))

    assert token is not None
    assert TOKENS.was_sent_to(token, "ana@xn--e1afmkfd.xn--90a3ac")


@given(
    st.uuids(version=4).map(lambda uuid: uuid.hex)
    | st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=16)
)
def test_every_conversation_has_its_own_token(id_: str) -> None:
    """Random UUIDs as the desk makes them, and short names."""
    token = TOKENS.read(TOKENS.message_id(ConversationId(id_), ANA, "first"))

    assert token is not None
    assert token.conversation == id_


@pytest.mark.parametrize("id_", ["", "with space", "x" * 17, "ć", "0" * 32])
def test_an_id_that_does_not_fit_is_refused(id_: str) -> None:
    """Rather than cut, which could name another conversation."""
    with pytest.raises(ValueError, match="does not fit"):
        TOKENS.reply_address(ConversationId(id_), ANA)


@pytest.mark.parametrize("of", ["", "a@b", "a>", "a b", "a\r\nBcc: x@example.org"])
def test_nothing_but_a_word_stands_in_a_message_id(of: str) -> None:
    """A Message-ID can carry no second header."""
    with pytest.raises(ValueError, match="cannot stand"):
        TOKENS.message_id(TALK, ANA, of)


@pytest.mark.parametrize(
    ("keys", "address"), [([], DESK), ([NEW, b"short"], DESK), ([NEW], "podrska"), ([NEW], "@x.rs")]
)
def test_a_desk_without_a_key_or_an_address_does_not_begin(keys: list[bytes], address: str) -> None:
    """A signature that anybody can make would be worse than none."""
    with pytest.raises(ValueError, match=r"16 bytes|not an address"):
        Tokens(keys, address)
