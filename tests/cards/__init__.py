"""What colleagues see: every card as a picture in both languages, and the rules of cards.md."""
