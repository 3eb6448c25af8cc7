"""What was found of a person and is taken out, sealed, judged and handed out; and what concerns others too."""
