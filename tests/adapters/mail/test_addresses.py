"""Addresses as people and programs write them."""

import pytest

from adapters.mail.addresses import mailboxes


@pytest.mark.parametrize(
    ("field", "name", "address"),
    [
        ("ana@example.com", "", "ana@example.com"),
        ("Ana Anić <ana@EXAMPLE.com>", "Ana Anić", "ana@example.com"),
        ('"Anić, Ana" <ana@example.com>', "Anić, Ana", "ana@example.com"),
        ('"Ana \\"Cica\\" Anić" <ana@example.com>', 'Ana "Cica" Anić', "ana@example.com"),
        ("ana@example.com (Ana Anić)", "Ana Anić", "ana@example.com"),
        ("=?utf-8?Q?Ana_Ani=C4=87?= <ana@example.com>", "Ana Anić", "ana@example.com"),
        ("Firma [Podrška] d.o.o. <ana@example.com>", "Firma [Podrška] d.o.o.", "ana@example.com"),
        ("ana @ example.com", "", "ana@example.com"),
        ("<@relay.example.org:ana@example.com>", "", "ana@example.com"),
        ("Ana <ana@пример.срб>", "Ana", "ana@пример.срб"),
        ("ana@example.com <eve@example.net>", "ana@example.com", "eve@example.net"),
        ('"ana@example.com" <eve@example.net>', "ana@example.com", "eve@example.net"),
        ("ana@example.com (<eve@example.net>)", "<eve@example.net>", "ana@example.com"),
        ('"Ana <ana@example.com>', '"Ana', "ana@example.com"),
    ],
)
def test_one_address_is_found_with_its_name(field: str, name: str, address: str) -> None:
    """What stands in brackets is the address, whatever the name pretends."""
    assert mailboxes([field]) == ((name, address),)


@pytest.mark.parametrize(
    "field",
    [
        "<ana@x.com> <eve@y.com>",
        "ana@x.com, eve@y.com",
        "ana@x.com eve@y.com",
        "A: ana@x.com, eve@y.com;",
    ],
)
def test_two_addresses_are_two(field: str) -> None:
    """Whoever asks for one sender sees that there are more."""
    assert [one.address for one in mailboxes([field])] == ["ana@x.com", "eve@y.com"]


@pytest.mark.parametrize(
    "field",
    [
        *(
            "",
            "Ana",
            "<>",
            "ana@",
            "@x.com",
            "a@b@c.com",
            "<a b@c.com>",
            "undisclosed-recipients:;",
        ),
        *("(" * 5_000, '"', "<" * 100, "a\x00@x.com", "a" * 300 + "@x.com"),
    ],
)
def test_what_is_no_address_is_left_out(field: str) -> None:
    """Nothing is made up."""
    assert mailboxes([field]) == ()


def test_a_field_of_many_gives_the_first_two_hundred() -> None:
    """A mail to everybody is read in bounds."""
    assert len(mailboxes(", ".join(f"a{n}@x.com" for n in range(5_000)) for _ in range(3))) == 200
