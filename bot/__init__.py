"""Privacy Desk: what the desk knows and decides.

Map of the house, top to bottom; an import may only go down:

* `__main__` the command line, `app` the wiring (the only module that knows everyone)
* `desk` the front desk every chat talks to; `services` one verb each
* `cards`, `letters`, `commands`, `reading` turn state into words and words into values
* `ports` what we need from the outside; `card`, `i18n` vocabulary and texts
* `domain` the rules: pure values and tables, no clock, no library

Beside it: `store` and `jobs` (Tortoise and the job loop live there and nowhere else).
"""
