"""The other half of `make fuzz` for the chats: atheris changes requests towards branches it has not seen.

The handlers must be imported here and nowhere earlier: atheris marks the branches while the code is loaded.
The first byte of an input says which door it is for, or that a card is drawn from the rest.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["handlers", "bot.commands", "bot.card"]):
    from tests.handlers.fuzzing import payloads, shape
    from tests.handlers.fuzzing.doors import Doors
    from tests.reading.fuzz import minutes


def by_branches(seconds: int) -> None:
    """Change requests for so long; the process ends here, with 0 when nothing stopped the desk."""
    whole = payloads.seeds()
    with tempfile.TemporaryDirectory() as folder, Doors() as doors:
        judges = list(doors.judges.items())

        def one(raw: bytes) -> None:
            which = raw[0] % (len(judges) + len(shape.DRAWN)) if raw else 0
            if which < len(judges):
                shape.kept(judges[which][0], raw[1:], judges[which][1])
            else:
                shape.DRAWN[which - len(judges)].hypothesis.fuzz_one_input(raw[1:])

        corpus, words = Path(folder, "corpus"), Path(folder, "words")
        corpus.mkdir()
        for which, (name, _) in enumerate(judges):
            for number, raw in enumerate(whole[name]):
                (corpus / f"{name}{number}").write_bytes(bytes([which]) + raw[: shape.LONGEST])
        for which in range(len(judges), len(judges) + len(shape.DRAWN)):
            (corpus / f"drawn{which}").write_bytes(bytes([which]) + bytes(range(256)) * 8)
        words.write_text("".join(f'"{_escaped(piece)}"\n' for piece in payloads.PIECES), encoding="ascii")
        options = [f"-max_total_time={seconds}", f"-max_len={shape.LONGEST}", f"-dict={words}", "-timeout=30"]
        atheris.Setup([sys.argv[0], *options, "-rss_limit_mb=2048", "-print_final_stats=1", str(corpus)], one)
        atheris.Fuzz()


def _escaped(piece: str) -> str:
    return "".join(f"\\x{octet:02x}" for octet in piece.encode())


if __name__ == "__main__":
    by_branches(minutes())
