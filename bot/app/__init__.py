"""The wiring: the only rooms that know everyone, and the only ones that read the settings.

`wiring` builds the house from settings, `serve` keeps it running, `demo` furnishes it with
sandboxes and made-up people, `tools` and `check` are the short commands.
"""
