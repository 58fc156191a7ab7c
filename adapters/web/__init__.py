"""The HTTP side: health, metrics, and the doors through which platforms call us."""
