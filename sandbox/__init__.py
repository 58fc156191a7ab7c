"""Stand-ins for Telegram, Slack and a mail server, on loopback, for the demo and the tests.

They speak the real protocols to the real client libraries, keep state, refuse what the platforms
refuse, and can be told to fail. They know nothing of the desk.
"""
