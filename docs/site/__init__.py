"""The documentation site: every page of docs/ in English and in Japanese, with one command and no network."""
