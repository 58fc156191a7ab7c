"""How many files and connections this process may have open at once."""

import resource
from typing import Final

_BESIDE: Final = 200
"""Files for all but visitors: the database, the platforms, the log, attachments under way."""


def allow_connections(count: int) -> int:
    """Raise this process's own limit until so many visitors fit; return how many do.

    Services are started with room for 1,024 files, and allowed to make it more: beyond that, nobody
    could come in, and nothing could be opened (systemd.exec, "LimitNOFILE=").
    """
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _BESIDE
    if now == resource.RLIM_INFINITY or now >= wanted:
        return count
    given = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if given > now:
        resource.setrlimit(resource.RLIMIT_NOFILE, (given, most))
    return min(count, max(given, now) - _BESIDE)
