"""What an arm is beside its model: a prompt of its own, and what is made of its answers."""
