"""Telegram: customers who write to a bot."""
