"""Clips that come with the project: rendered, held out of training."""
