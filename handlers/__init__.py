"""Inbound: handlers translate what arrives and decide nothing.

`web` is the one application; `portal` the person's page, `review` a colleague's one-time
page, `console` the browser desk of the demo. What their HTML shares stands in `page`.
"""
