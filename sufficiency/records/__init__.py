"""Returns and registers in, repaired and checked: one :class:`Records` per authority."""
