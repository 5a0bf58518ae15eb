"""What a report shows, one file a part: each a Section, `blocks(comparison, verdict)` over the verdict of one suite."""
