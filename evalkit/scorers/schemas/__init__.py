"""JSON Schema itself: validated by two backends, its references and patterns followed, its strict subset."""
