"""Asking arms and scoring what they answer."""
