"""Everything the demo's data is written from: templates and vocabularies, each with a training and a held-out half."""
