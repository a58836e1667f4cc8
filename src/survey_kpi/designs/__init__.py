"""Survey designs and linearised variance."""
