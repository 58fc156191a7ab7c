"""What a mail says now is told from what it quotes, whatever program wrote it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.mail.quotes import is_forward, said, said_lines
from core.richtext import Mark, RichText, Span, plain, rich

ASKED = "> Da li i dalje imate problem?\n>\n> Podrška"


def told(text: str, *, forwarded: bool = False) -> str:
    return said(plain(text), forwarded=forwarded).text.strip()


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Nov 23, 2026 at 10:15 AM Podrška <podrska@example.com> wrote:",
        "On 23/11/2026 10:15, Podrška wrote:",
        "пон, 23. нов 2026. у 10:15 Подршка <podrska@example.com>\nје написао/ла:",
        "уторак, 24. новембар 2026., Podrška <podrska@example.com> је написао/ла:",
        "pon, 23. nov 2026. u 10:15 Podrška (Moj Hosting) <\npodrska@example.com> je napisao/la:",
        "Podrška je napisao/la dana 23. 11. 2026. u 10:15:",
        "Dana 23. 11. 2026., u 10:15, Podrška <podrska@example.com> napisao je:",
        "Am Mo., 23. Nov. 2026 um 10:15 Uhr schrieb Podrška <podrska@example.com>:",
        "Am 23.11.26 um 10:15 schrieb Podrška:",
        "Дана 23.11.26. у 10:15, Подршка пише:",
        "Podrška Moj Hosting je napisao/la:",
        "Podrška wrote:",
        "Quoting Podrška <podrska@example.com>:",
        "---- On Mon, 23 Nov 2026 10:15:22 +0100 Podrška <podrska@example.com> wrote ---",
        "Am Mo., 23. Nov. 2026 um 10:15 Uhr schrieb Podrška <podrska@example.com\n>:",
        'Nov 23, 2026, 10:15 AM, "Podrška" <podrska@example.com> wrote:',
        "Le lun. 23 nov. 2026 à 10:15, Podrška <podrska@example.com> a écrit :",
        "W dniu pon., 23 lis 2026 o 10:15 Podrška <podrska@example.com> napisał(a):",
        "-------- Originalna poruka --------\nOd: Podrška\nDatum: 23.11.26. 10:15\nTema: Sajt",
    ],
)
def test_what_stands_above_a_quote_goes_with_it(attribution: str) -> None:
    """However a program says who wrote what is quoted, that line is no part of the answer."""
    assert told(f"Ne, sada radi.\n\n{attribution}\n\n{ASKED}\n") == "Ne, sada radi."
    assert told(f"{attribution}\n{ASKED}\n\nNe, sada radi.\n") == "Ne, sada radi."


@pytest.mark.parametrize(
    "headers",
    [
        "From: Podrška <p@example.com>\nSent: Monday\nTo: Ana\nSubject: Re: Site",
        'Gesendet: Montag, 23. November 2026\nVon: "P" <p@example.com>\nAn: Ana\nBetreff: Seite',
        "Von: Podrška\nGesendet: Montag, 23. November 2026\nAn: Ana\nCc: Eva\nBetreff: AW: Seite",
        "Od: Podrška\nPoslato: ponedeljak\nZa: Ana\nTema: Sajt",
        "Шаље: Подршка\nПослато: понедељак\nКоме: Ана\nТема: Сајт",
        "*Od:* Podrška\n*Poslano:* ponedjeljak\n*Prima:* Ana; Eva;\n Iva; Mia\n*Predmet:* Stranica",
        "________________________________\nFrom: Podrška\nSubject: Site",
        "-----Originalna poruka-----\nFrom: Podrška [mailto:p@example.com]\nSubject: Sajt",
        "On Monday, November 23, 2026 at 10:15:22 AM GMT+1, Podrška <p@example.com> wrote:",
        '23.11.2026, 10.15, "Podrška" <podrska@example.com>:',
        "Am Montag, 23. November 2026 um 10:15 MEZ hat P <p@example.com> Folgendes geschrieben:",
    ],
)
def test_a_quote_without_marks_goes_on_to_the_end(headers: str) -> None:
    """Outlook and Yahoo mark no line; what their headers begin is quoted to the last line."""
    assert told(f"Hvala, radi.\n\n{headers}\n\nDa li radi?\n\nPodrška\n") == "Hvala, radi."


@pytest.mark.parametrize(
    "text",
    [
        "From: Belgrade\nTo: Nis\nWhen does the bus leave?",
        "On 23 November at 10:15 I wrote to billing@example.com:\nplease pay.\nNobody did.",
        "On Monday I wrote:\nplease call me back.\nNobody did.",
        "Od: 10. decembra\nDo: 20. decembra\nsajt ne sme da stane.",
        "Am 23.11. um 10:15 schrieb ich Ihnen:\nbitte rufen Sie an.",
        "Ovo mi piše:\n> Error 503\n> Backend fetch failed",
        "Zdravo,\n\nU logu od 23.11. u 10:15 piše:\n> Error 503\n> Backend fetch failed",
        "Zdravo,\n\nkolega mi je napisao:\n> Probaj sutra.",
        "Zdravo,\n:   evo",
        "Vraća mi se ovo:\n\nFrom: a@example.com\nTo: b@example.com\nSubject: Test\nDate: danas",
        "a -- b\n--> strelica\n---\nnovi pasus",
        "Pozdrav,\nmoj telefon je 063 555 0142, zovite.",
        "Sent from the office I get nothing, from home all is well.\nWhy?",
        "Piše: nema mesta na disku.\nŠta sad?",
    ],
)
def test_a_mail_without_a_quote_is_untouched(text: str) -> None:
    """Words that only look like a quote's headers, a signature or a quote are somebody's words."""
    assert said(plain(text)) == plain(text)


def test_answers_between_quoted_lines_stay_with_them() -> None:
    """Who answers line by line is understood by those lines; only the rest of the quote goes."""
    mail = (
        "On 23/11/2026 10:15, Podrška wrote:\n"
        "> Zdravo,\n>\n> koji domen?\n\nonaj sa crticom\n\n> od kada?\n\nod juče\n\n> Podrška\n"
    )
    assert told(mail) == "> Zdravo,\n>\n> koji domen?\n\nonaj sa crticom\n\n> od kada?\n\nod juče"


def test_words_above_and_below_a_quote_keep_it() -> None:
    """A greeting above and an answer below: what is between was left there to be read."""
    mail = "Zdravo!\n\nOn 23/11/2026 10:15, Podrška wrote:\n> koji domen?\n\nonaj sa crticom\n"
    assert told(mail) == "Zdravo!\n\n> koji domen?\n\nonaj sa crticom"


def test_apple_quotes_its_attribution_too() -> None:
    """On an iPhone the line that says who wrote stands behind the mark of a quote."""
    quote = "> On 23 Nov 2026, at 10:15, Podrška <podrska@example.com>\n> wrote:\n> \n> Radi li?"
    assert told(f"Radi\n\nPoslato sa mog iPhone-a\n\n{quote}") == "Radi"
    assert told(f"{quote}\n\nRadi\n") == "Radi"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nMarko Nikolić\nStudio Kvadrat\n\n011/555-0142",
        "--\nMarko",
        "Sent from my iPhone",
        "Get Outlook for Android<https://aka.ms/AAb9ysg>",
        "Послато са мог iPhone-а",
        "Von meinem/meiner Galaxy gesendet",
        "Poslano s mog iPhonea",
        "Poslato iz aplikacije Pošta za Windows",
        "<https://www.avast.com/sig-email?utm_medium=email>\nBez virusa.www.avast.com\n<#DAB4FAD8>",
        "Holen Sie sich Outlook für iOS<https://aka.ms/o0ukef>",
    ],
)
def test_a_signature_is_folded_away(signature: str) -> None:
    """What stands under every mail of somebody says nothing now."""
    assert told(f"I dalje ne radi.\n\n{signature}\n") == "I dalje ne radi."
    assert told(f"I dalje ne radi.\n\n{signature}\n\nX wrote:\n{ASKED}") == "I dalje ne radi."


def test_a_name_stays_and_its_letterhead_goes() -> None:
    """Without any mark a signature is certain only where it tells how to reach somebody."""
    closed = "Pozdrav,\n\nmože račun?\n\nSrdačan pozdrav,\nDragana Petrović"
    assert (
        told(f"{closed}\nDirektor\nStolarija Hrast\nTel: 011 555 0142\nwww.hrast.example") == closed
    )
    assert told(f"{closed}\nDirektor") == f"{closed}\nDirektor"
    asked = f"{closed}\nMoj broj: 063 555 0142, da li možete da me pozovete?"
    assert told(asked) == asked


def test_what_somebody_forwards_is_what_they_say() -> None:
    """A forwarded mail stays: by its title in any language, or because the subject tells."""
    title = (
        "-------- Прослеђена порука --------\nНаслов: Истиче домен\nШаље: Регистар\n\nДомен истиче."
    )
    assert told(f"Да платим?\n\n-- \nАна\n\n{title}") == f"Да платим?\n\n{title}"
    block = "Von: Register\nGesendet: Montag\nAn: Ana\nBetreff: Domain\n\nDie Domain läuft ab."
    assert told(f"Muss ich zahlen?\n\n{block}", forwarded=True) == f"Muss ich zahlen?\n\n{block}"
    assert told(f"Muss ich zahlen?\n\n{block}") == "Muss ich zahlen?"


def test_a_mail_that_is_nothing_but_a_quote_comes_back_whole() -> None:
    """Somebody sent it for a reason; an empty message would hide it."""
    for mail in (
        f"X wrote:\n{ASKED}",
        ASKED,
        f"Sent from my iPhone\n\nX wrote:\n{ASKED}",
        "-- \nAna",
    ):
        assert told(mail) == mail
    assert said(plain("\n \n")) == plain("\n \n")


@pytest.mark.parametrize("subject", ["Fwd: Sajt", "FW: x", "WG: Rechnung", "Прос: Рачун", "Pr : x"])
def test_subjects_tell_a_forwarded_mail(subject: str) -> None:
    """In the languages that customers write."""
    assert is_forward(subject)


@pytest.mark.parametrize(
    "subject", ["Re: Fwd: Sajt", "AW: WG: x", "Forward to me", "", "Problem: a"]
)
def test_other_subjects_do_not(subject: str) -> None:
    """A reply to a forwarded mail is a reply."""
    assert not is_forward(subject)


def test_marks_stay_on_their_words() -> None:
    """Bold words and links are where they were, once what stood around them is gone."""
    text = "**\nX wrote:\n> a\nZovite hitno\n> b\nda\n-- \nAna"
    at = text.index("hitno")
    left = said(rich(text, [Span(at, at + 5, Mark.BOLD), Span(0, len(text), Mark.ITALIC)]))
    assert left.text == "**\n\n> a\nZovite hitno\n> b\nda"
    bold, italic = sorted(left.spans, key=lambda span: span.mark)
    assert left.text[bold.start : bold.end] == "hitno"
    assert (italic.start, italic.end) == (0, len(left.text))


def test_a_block_quote_is_quoted() -> None:
    """In a mail of HTML a quote is marked by no character, but by a span."""
    text = "Radi.\n\nOn 23/11/2026 10:15, P wrote:\nRadi li?\n\nPodrška\n"
    quote = Span(text.index("Radi li"), len(text), Mark.QUOTE)
    assert said(rich(text, [quote])).text == "Radi."


MEGABYTE = 1_000_000
HOSTILE = {
    "a header and spaces": "From: " + " " * MEGABYTE,
    "openers on a line": "On " * 300_000,
    "openers on lines": "On \n" * 19_000,
    "senders": "From: a\n" * 19_000,
    "marks": ">" * 100_000,
    "marked lines": ">\n" * 500_000,
    "attributions": "On 1.1.2026 10:10 a@b wrote:\n" * 15_000,
    "attributions and answers": "On 1.1.2026 10:10 a@b wrote:\n> q\na\n" * 6_000,
    "signatures": "-- \nx\n> q\n" * 6_000,
    "colons": "a:\n" * 19_000,
    "rules": "_____\n\n" * 9_000,
    "dashes": "-" * MEGABYTE,
    "blank lines": "\n" * MEGABYTE,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_crafted_mails_come_to_an_end(text: str) -> None:
    """What hangs other parsers is read; that it ends in time is what the test's time-out tells."""
    left = said(plain(text)).text
    assert len(left) <= len(text)


LINES = st.sampled_from(
    [
        "",
        " ",
        "Radi.",
        "Ne radi:",
        "> citat",
        ">",
        ">> stari citat",
        "On 23/11/2026 10:15, Podrška <p@example.com> wrote:",
        "Podrška wrote:",
        "пон, 23. нов 2026. у 10:15 Подршка",
        "<p@example.com> је написао/ла:",
        "> Am 23.11.26 um 10:15 schrieb Ana:",
        "-- ",
        "Sent from my iPhone",
        "Pozdrav,",
        "Ana",
        "Tel: 011 555 0142",
        "From: a",
        "Sent: b",
        "Subject: c",
        "________________",
        "-------- Original message --------",
        "---------- Forwarded message ---------",
        "x" * 400,
    ]
)


ODD = st.text(":>-_* \t\u00a0\u3000<@1./wroteOnFm", max_size=12)


@given(st.lists(LINES | ODD | st.text(max_size=20), max_size=30), st.booleans())
@example(["> citat", "", "x"], False)
def test_what_is_said_is_lines_of_the_mail_in_their_order(
    lines: list[str], forwarded: bool
) -> None:
    """No word is made up, changed or moved; and something is left of every mail that has words."""
    text = plain("\n".join(lines))
    left = said(text, forwarded=forwarded)
    words = [line for line in left.text.split("\n") if line.strip()]
    rest = iter(text.text.split("\n"))
    assert all(word in rest for word in words)
    assert bool(words) == any(line.strip() for line in text.text.split("\n"))


@given(st.lists(LINES, max_size=20))
def test_what_was_said_above_a_quote_stands_alone(lines: list[str]) -> None:
    """Whatever is quoted at the end changes nothing of what is said above it."""
    above = ["Radi.", "", "On 23/11/2026 10:15, Podrška <p@example.com> wrote:"]
    mail = plain("\n".join([*above, *(f"> {line}" for line in [*lines, "kraj"])]))
    assert said(mail) == plain("Radi.")


@given(st.lists(LINES, max_size=30))
def test_lines_are_numbered_in_order(lines: list[str]) -> None:
    """The lines that were said come as rising numbers of lines that are not blank."""
    numbers = said_lines(lines, [line.startswith(">") for line in lines])
    assert numbers == sorted(set(numbers))
    assert all(lines[at].strip() for at in numbers)


@given(st.integers(0, 200), st.text(max_size=50))
def test_spans_survive_any_cut(at: int, text: str) -> None:
    """Wherever a mark lies, what is left is in normal form."""
    mail = f"{text}\nX wrote:\n> a\nda\n> b\nne\n-- \nAna"
    left = said(RichText(mail, (Span(at, at + 40, Mark.BOLD), Span(at + 3, at + 9, Mark.QUOTE))))
    assert left == RichText(left.text, left.spans)


WORDS = st.lists(
    st.sampled_from(["Radi.", "", "Ne radi od juče:", "1. sajt", "Hvala!"]), max_size=4
)
SIGNATURES = st.sampled_from([[], ["-- ", "Ana", "011 555 0142"], ["", "Sent from my iPhone"]])
ABOVE = ["", "On 23/11/2026 10:15, Podrška <p@example.com> wrote:"]
CITED = st.lists(st.sampled_from(["> citat", ">", ">> stari citat"]), min_size=1, max_size=3)


@given(WORDS, SIGNATURES, st.lists(CITED | WORDS, max_size=5), SIGNATURES)
def test_what_is_left_says_all_of_it(
    above: list[str], signed: list[str], below: list[list[str]], signed_below: list[str]
) -> None:
    """Read once more, what a mail says now says the same."""
    answered = [line for block in below for line in block]
    mail = plain("\n".join([*above, *signed, *ABOVE, *answered, *signed_below]))
    once = said(mail)
    assert said(once) == once
