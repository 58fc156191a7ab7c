"""What schemathesis is told of formats; loaded by its command line (`SCHEMATHESIS_HOOKS`)."""

import schemathesis
from hypothesis import strategies as st

_LETTERS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
schemathesis.openapi.format("email", st.builds("{}@{}.rs".format, _LETTERS, _LETTERS))
