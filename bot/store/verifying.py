"""Proving the ledger: every chain from its first entry, every digest from the first (D25).

An edited, swapped or missing entry breaks its chain. A tail cut off, a chain removed or
written anew from some point breaks the digests, which are signed with a key that does
not lie in the database. The last digest itself cut off is found only by the lines kept
outside: give them when there are any.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ledger import first_bad
from bot.store.ledger import ENTRY, Digest, digests_of, signature
from bot.store.opening import Store
from bot.store.session import Session
from bot.store.trouble import translated


class What(StrEnum):
    """What is wrong."""

    BROKEN = "broken"  # the entry does not follow from the one before
    CUT = "cut"  # a digest knows the entry, the chain does not have it
    REWRITTEN = "rewritten"  # a digest knows another entry in its place
    DIGEST = "digest"  # the digest is not what was signed
    OUTSIDE = "outside"  # a line kept outside has no digest that says the same


@dataclass(frozen=True, slots=True)
class Bad:
    """The first bad entry of a chain; for a digest the chain is "digest" and seq its number."""

    chain: str
    seq: int
    what: What


async def verify(store: Store, outside: Iterable[str], key: bytes) -> Sequence[Bad]:
    """Return what is wrong, nothing when the ledger proves itself. `outside` are the digests' lines kept elsewhere."""
    with translated():
        return await _verify(store.session, outside, key)


async def _verify(session: Session, outside: Iterable[str], key: bytes) -> Sequence[Bad]:
    hashes: dict[tuple[str, int], str] = {}
    bad: list[Bad] = []
    chains = await session.rows("SELECT DISTINCT chain FROM ledger ORDER BY chain")
    for chain in (row["chain"] for row in chains):
        rows = await session.rows("SELECT * FROM ledger WHERE chain = $1 ORDER BY seq", chain)
        entries = [ENTRY.value(row) for row in rows]
        hashes.update({(chain, entry.seq): entry.hash for entry in entries})
        if (broken := first_bad(entries)) is not None:
            bad.append(Bad(chain, broken.seq, What.BROKEN))
    digests = await digests_of(session)
    return [*bad, *_digest_by_digest(digests, hashes, key), *_against(outside, digests)]


def _digest_by_digest(digests: Sequence[Digest], hashes: Mapping[tuple[str, int], str], key: bytes) -> Sequence[Bad]:
    bad: dict[str, Bad] = {}
    before: Digest | None = None
    for number, digest in enumerate(digests, start=1):
        if digest.number != number or digest.signature != signature(digest, before, key):
            return [*bad.values(), Bad("digest", number, What.DIGEST)]
        for chain, (seq, head) in digest.heads.items():
            found = hashes.get((chain, seq))
            if found != head:
                bad.setdefault(chain, Bad(chain, seq, What.CUT if found is None else What.REWRITTEN))
        before = digest
    return list(bad.values())


def _against(outside: Iterable[str], digests: Sequence[Digest]) -> Sequence[Bad]:
    lines = {digest.number: digest.line for digest in digests}
    for line in (line.strip() for line in outside if line.strip()):
        number = int(line.split()[0]) if line.split()[0].isdigit() else 0
        if lines.get(number) != line:
            return [Bad("digest", number, What.OUTSIDE)]
    return []
