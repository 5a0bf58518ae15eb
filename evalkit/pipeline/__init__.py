"""Floor 3, the hall: plan, ask, measure, compare. The only place where rooms meet."""
