"""What must hold before a model is deployed: one file a gate, all on one partition of states."""
