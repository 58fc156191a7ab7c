"""How often one may do something over HTTP."""

from adapters.allowance import Allowance


async def test_an_allowance_is_used_up_by_each_for_himself() -> None:
    """Who has had enough is told how long to wait; others are not held up."""
    allowance = Allowance("2/hour")
    assert [await allowance.takes("a") for _ in range(3)] == [True, True, False]
    assert await allowance.takes("b")
    assert 3500 < await allowance.seconds_to_wait("a") <= 3600
    assert await allowance.seconds_to_wait("b") == 0
