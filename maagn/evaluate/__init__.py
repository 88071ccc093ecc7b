"""How often a model is right."""
