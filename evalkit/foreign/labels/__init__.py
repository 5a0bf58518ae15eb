"""Labels that people gave, out of annotation tools and tables: one label a case, a name and an annotator."""
