"""The customer portal: tickets on pages of the desk's own."""
