"""The language of a mail."""

import pytest

from adapters.mail.language import language_of


@pytest.mark.parametrize(
    ("text", "header", "language"),
    [
        ("Добар дан, не могу да отворим сајт. Хвала.", "", "sr"),
        ("Не ради сајт", "", "sr"),
        ("Здравствуйте, сайт не открывается, мы ждём", "", "ru"),
        ("Здравейте, сайтът не работи от вчера", "", "bg"),
        ("Здраво, што ќе се случи со мојот домен?", "", "mk"),
        ("Dobar dan, ne mogu da otvorim sajt. Šta da radim?", "", "sr-Latn"),
        ("Postovani, sta je sa mojim sajtom, da li radi?", "en-US", "sr-Latn"),
        ("Poštovani, što trebam napraviti? Ne radi od prošlog tjedna.", "", "hr"),
        ("Poštovani, ne mogu se prijaviti, molim pomoć.", "hr-HR", "hr"),
        ("Hello, my site is down, can you help me please?", "", "en"),
        ("Hallo, ich kann die Seite nicht öffnen, bitte helfen Sie mir.", "", "de"),
        ("Bonjour, je ne peux pas ouvrir mon site, merci", "", "fr"),
        ("Jó napot, nem működik az oldal, köszönöm", "", "hu"),
        ("42", "de-DE, en;q=0.5", "de"),
        ("abc", "sr-Latn-RS", "sr-Latn"),
        ("abc", "sr-RS", "sr-Latn"),
        ("abc", "*; <script>", ""),
        ("", "", ""),
    ],
)
def test_the_words_tell_before_the_headers_do(text: str, header: str, language: str) -> None:
    """Clear words decide; without them what the program says; else nobody knows."""
    assert language_of(text, header) == language
