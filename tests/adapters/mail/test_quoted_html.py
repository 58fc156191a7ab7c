"""What a mail's HTML marks as quoted goes, where nothing was said inside or below it."""

import json
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from adapters.mail.html import read_html
from adapters.mail.quoted_html import cut_tree
from adapters.mail.quotes import is_forward, said
from core.richtext import plain

REPLIES = Path(__file__).parents[2] / "corpus/mail/replies"
WITH_HTML = [mail for mail in sorted(REPLIES.glob("*.eml")) if b"text/html" in mail.read_bytes()]


def left(html: str, *, forwarded: bool = False) -> str:
    """Return the words that are left, with single spaces."""
    tree = LexborHTMLParser(html)
    cut_tree(tree, forwarded=forwarded)
    assert tree.body is not None
    return " ".join(tree.body.text(separator=" ").split())


GMAIL = (
    '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">pon, 23. nov 2026. u 10:15 Podrška'
    ' je napisao/la:<br></div><blockquote class="gmail_quote">Radi li?</blockquote></div>'
)
QUOTES = {
    "Gmail": GMAIL,
    "Gmail, answered before": f"<div>{GMAIL}</div>",
    "Thunderbird": '<div class="moz-cite-prefix">P wrote:</div><blockquote type="cite">Radi li?'
    "</blockquote>",
    "Apple Mail": '<blockquote type="cite"><div>On 23 Nov 2026, at 10:15, P wrote:</div>Radi li?'
    "</blockquote>",
    "Outlook, browser": '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Od:</b> P<br>'
    "<b>Poslato:</b> juče</div><div>Radi li?</div>",
    "Outlook, desktop": "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p>"
    "<b>Von:</b> P</p></div></div><p>Radi li?</p>",
    "Outlook, telephone": '<div id="mail-editor-reference-message-container"><hr>'
    '<div id="divRplyFwdMsg"><strong>Шаље:</strong> P</div>Radi li?</div><p>Radi li?</p>',
    "Yahoo": '<div id="ydp12yahoo_quoted_34" class="ydp12yahoo_quoted">On Monday P wrote: Radi li?'
    "</div>",
    "Proton Mail": '<div class="protonmail_quote">On Monday, 23 November 2026 at 10:15, P'
    ' &lt;p@example.com&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">Radi li?'
    "</blockquote><br></div>",
    "Zimbra": '<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From:'
    ' </b>P</div><div data-marker="__QUOTED_TEXT__">Radi li?</div>',
    "Roundcube": '<p id="reply-intro">P wrote:</p><blockquote type="cite"><div id="replybody1">Radi'
    " li?</div></blockquote>",
    "K-9": '<div class="gmail_quote">On November 23, 2026 10:15:08 AM GMT+01:00, P &lt;p@e.com&gt;'
    ' wrote:<blockquote class="gmail_quote">Radi li?</blockquote></div>',
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
def test_the_quote_goes_and_what_was_said_stays(quote: str) -> None:
    """Every program's own elements are known, and a mail that is only a quote stays whole."""
    assert left(f"<html><body><div>Ne radi.</div><br>{quote}</body></html>") == "Ne radi."
    assert "Radi li?" in left(f"<html><body><div><br></div>{quote}</body></html>")


@pytest.mark.parametrize("quote", [QUOTES[name] for name in ("Gmail", "Thunderbird", "Apple Mail")])
def test_a_quote_with_an_answer_below_stays(quote: str) -> None:
    """What was said inside or below a quote is told from it by its lines, not by the tree."""
    assert left(f"<div>Zdravo</div>{quote}<div>Ne radi.</div>").endswith("Radi li? Ne radi.")
    assert "Radi li?" in left(f'<div>Zdravo</div>{quote}<img src="cid:slika">')


def test_answers_inside_an_element_of_quotes_stay() -> None:
    """Gmail keeps the answers between quoted lines in the element of the quote."""
    mail = GMAIL.replace("</blockquote>", '</blockquote>Ne.<blockquote class="gmail_quote">A sad?')
    assert left(f"<div>Zdravo</div>{mail}").endswith("Radi li? Ne. A sad?")


@pytest.mark.parametrize(
    "signature",
    [
        '<div class="gmail_signature">Ana</div>',
        '<span class="gmail_signature_prefix">-- </span><div class="gmail_signature">Ana</div>',
        '<pre class="moz-signature">-- \nAna</pre>',
        '<div id="Signature"><img src="logo.png">Ana</div>',
        '<div id="_rc_sig">-- <br>Ana</div>',
        '<div class="protonmail_signature_block"><div>Ana</div></div>',
    ],
)
def test_signatures_go(signature: str) -> None:
    """With a quote, without one, and below one; but nobody's mail is only their signature."""
    assert left(f"<p>Ne radi.</p>{signature}") == "Ne radi."
    assert left(f"<p>Ne radi.</p>{signature}{GMAIL}") == "Ne radi."
    assert left(f"<p>Ne radi.</p>{GMAIL}{signature}") == "Ne radi."
    assert "Ana" in left(signature)


def test_words_typed_into_a_telephones_signature_stay() -> None:
    """Outlook and Yahoo put what people type after their signature into its element."""
    typed = '<div id="ms-outlook-mobile-signature">Ne radi.</div>'
    assert left(typed + QUOTES["Outlook, telephone"]) == "Ne radi."
    typed = '<div id="ymail_android_signature">Ne radi.</div>'
    assert left(typed + QUOTES["Gmail"]) == "Ne radi."


def test_what_is_forwarded_stays() -> None:
    """By its title, or because the subject tells; the forwarding person's signature goes."""
    mail = (
        '<div>Da platim?</div><div class="gmail_signature">Ana</div><div class="gmail_quote"><div'
        ' class="gmail_attr">---------- Prosleđena poruka ---------<br>Od: Registar</div>Domen'
        ' ističe.<div class="gmail_signature">Registar</div></div>'
    )
    assert left(mail) == (
        "Da platim? ---------- Prosleđena poruka --------- Od: Registar Domen ističe. Registar"
    )
    outlook = f"<p>Da platim?</p>{QUOTES['Outlook, browser']}"
    assert left(outlook, forwarded=True) == "Da platim? Od: P Poslato: juče Radi li?"


def test_a_drawn_border_is_no_quote() -> None:
    """Outlook's border above headers is told from any other by the headers."""
    box = '<p>Zdravo</p><div style="border-top:solid red 1pt">Akcija!</div><div id="appendonsend">'
    assert left(f"{box}Od sutra</div>") == "Zdravo Akcija! Od sutra"


HOSTILE = {
    "containers": '<div class="gmail_quote">' * 2_000 + "x",
    "words in a container": 'x<div class="gmail_quote">' + "<b>y</b>" * 40_000,
    "quotes": "x" + '<blockquote type="cite">y</blockquote>' * 20_000,
    "empty quotes": "x" + '<blockquote type="cite"><b></b></blockquote>' * 20_000,
    "candidates": "x" + '<div id="appendonsend"></div>' * 20_000 + "From: y" + "<p>z</p>" * 20_000,
    "signatures": "x" + '<div class="gmail_signature">y</div>' * 20_000,
    "classes": f'<p class="{"a " * 200_000}">x</p>',
    "no body": "",
    "frames": "<frameset><frame></frameset>",
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_crafted_trees_come_to_an_end(html: str) -> None:
    """One walk, however many quotes there are; the test's time-out tells if it were more."""
    tree = LexborHTMLParser(html)
    cut_tree(tree)
    assert len(tree.html or "") <= 3 * len(html) + 100


@pytest.mark.parametrize("mail", WITH_HTML, ids=lambda mail: str(mail.stem))
def test_both_forms_of_a_reply_say_the_same(mail: Path) -> None:
    """Whichever is read, the same words come out; only lines may break elsewhere."""
    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    forwarded = is_forward(str(message["Subject"]))
    expected = json.loads(mail.with_suffix(".json").read_text("utf-8"))["text"]
    html = message.get_body(preferencelist=("html",))
    assert html is not None
    shown = read_html(html.get_content(), {}, forwarded=forwarded).said.text
    assert said(shown, forwarded=forwarded).text.split() == expected.split()
    text = message.get_body(preferencelist=("plain",))
    if text is not None:
        shown = plain(text.get_content())
        assert said(shown, forwarded=forwarded).text.split() == expected.split()
