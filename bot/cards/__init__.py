"""What colleagues see: pure functions from state to `Card` and `Form`.

No clock, no store, no markup, and no personal data or hint of it (D14): a card may be
posted where anybody looks. `scene` is what every card needs to know, `waiting` works out
whom a ticket waits for, `ticket` draws its card whatever the stage, `forms` and `decide`
ask, `fields` names what they ask by.
"""
