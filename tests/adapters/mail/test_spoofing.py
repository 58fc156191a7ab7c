"""Every mail of the corpus: what it is tied to, and that nothing is proven that is not."""

import json
from pathlib import Path

import pytest

from adapters.mail.reading import read
from adapters.mail.trust import judge
from tests.support.spoofing import AUTHSERV_ID, OWN, TOKENS

CORPUS = sorted((Path(__file__).parents[2] / "corpus/mail/spoofed").glob("*.eml"))


@pytest.mark.parametrize("mail", CORPUS, ids=lambda mail: mail.stem)
def test_a_mail_gets_no_further_than_it_may(mail: Path) -> None:
    """It is tied, proven and recognised as the file beside it says, and why it says so."""
    expected = json.loads(mail.with_suffix(".json").read_text(encoding="utf-8"))
    raw = mail.read_bytes()

    judged = judge(
        read(raw),
        raw,
        tokens=TOKENS,
        own=OWN,
        authserv_id=expected.get("authserv_id", AUTHSERV_ID),
    )

    assert {
        "tied": judged.token is not None,
        "conversation": judged.token and judged.token.conversation,
        "proven": judged.proven,
        "nature": judged.nature,
    } == {
        "tied": expected["tied"],
        "conversation": expected.get("conversation"),
        "proven": expected["proven"],
        "nature": expected["nature"],
    }, expected["about"]


def test_the_corpus_is_whole() -> None:
    """Each mail has its expectation, and there is enough of either kind."""
    expected = [json.loads(mail.with_suffix(".json").read_text()) for mail in CORPUS]

    assert sum(not each["proven"] for each in expected) >= 200
    assert sum(each["proven"] for each in expected) >= 20
    assert all(b"\r\n" in mail.read_bytes() for mail in CORPUS), "line ends are part of a mail"
