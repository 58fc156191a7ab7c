"""Slack: agents who answer in threads."""
