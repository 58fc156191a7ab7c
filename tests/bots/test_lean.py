"""An ordinary start loads only what an ordinary desk needs: the rest would stay in its memory."""

import json
import subprocess
import sys

SCRIPT = "import json, sys; import bots.command; print(json.dumps(sorted(sys.modules)))"

UNNEEDED = {
    "adapters.mail.reading": "no mail is read without IMAP_URL",
    "adapters.api.page": "the API's page is made when somebody looks at it",
    "alembic": "most starts have nothing to migrate",
    "authres": "no mail is judged without IMAP_URL",
    "bots.bench": "nothing is measured",
    "bots.simulation": "nothing is simulated",
    "selectolax": "no mail is read without IMAP_URL",
}


def test_what_an_ordinary_desk_does_not_need_is_not_loaded() -> None:
    """Only where it is asked for."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True
    )

    loaded = set(json.loads(done.stdout))
    assert not {name: why for name, why in UNNEEDED.items() if name in loaded}
