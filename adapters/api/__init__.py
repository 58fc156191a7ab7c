"""What the house's own programs ask of the desk, and what they are told."""
