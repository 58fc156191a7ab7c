"""Mail: what is written to a customer's address."""
