"""Every card and form as its readers see it: in Slack, in Teams and in the console, on a phone and at a desk.

`make pictures` draws them into `var/pictures`, with a page to look through; `test_looks` reads the
same pages and holds them to what a picture shows: whole, within the phone, legible, wide enough
for a finger. What draws Slack and Teams lies outside the repository (`renderers`).
"""
