"""Floor 1: YAML to Suite. Unknown keys are errors; every problem is reported at once, with file:line:column."""
