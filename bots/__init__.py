"""The programs, and the only place where parts are joined."""
