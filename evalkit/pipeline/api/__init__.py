"""The Python door: `evalkit.compare`, its arguments, what it gives back."""
