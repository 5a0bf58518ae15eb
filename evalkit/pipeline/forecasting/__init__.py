"""What can be said before anything is asked, for `plan` and `validate`."""
