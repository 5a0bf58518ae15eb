"""What a result may not take the place of."""
