"""What a colleague, or the person, decides on a case after that."""
