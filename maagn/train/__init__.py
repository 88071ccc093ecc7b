"""Training on rendered clips."""
