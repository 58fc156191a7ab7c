"""How the world speaks: one folder a platform, all of one shape."""
