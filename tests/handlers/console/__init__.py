"""The console's pages, drawn whole."""
