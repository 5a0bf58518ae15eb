"""The generated parts of the reference pages: `python -m docs.tables` writes them anew."""
