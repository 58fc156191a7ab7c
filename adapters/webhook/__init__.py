"""Webhooks: the house's own programs are told what becomes of tickets."""
