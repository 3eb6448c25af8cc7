"""The reading: labelled mails, our own, hostile ones, and each piece by itself."""
