"""The other half of `make fuzz`: atheris changes mails towards branches of the reader it has not seen.

The reader must be imported here and nowhere earlier: atheris marks the branches while the code is loaded.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bot.reading", "bot.domain"]):
    from tests.reading import fuzz


def by_branches(seconds: int) -> None:
    """Change mails for so long; the process ends here, with 0 when nothing stopped the reader."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, words = Path(folder, "corpus"), Path(folder, "words")
        corpus.mkdir()
        for number, raw in enumerate(fuzz.seeds()):
            (corpus / str(number)).write_bytes(raw[: fuzz.LONGEST])
        words.write_text("".join(f'"{_escaped(piece)}"\n' for piece in fuzz.PIECES), encoding="ascii")
        options = [f"-max_total_time={seconds}", f"-max_len={fuzz.LONGEST}", f"-dict={words}", "-timeout=30"]
        atheris.Setup([sys.argv[0], *options, "-rss_limit_mb=2048", "-print_final_stats=1", str(corpus)], fuzz.judge)
        atheris.Fuzz()


def _escaped(piece: str) -> str:
    return "".join(f"\\x{octet:02x}" for octet in piece.encode())


if __name__ == "__main__":
    by_branches(fuzz.minutes())
