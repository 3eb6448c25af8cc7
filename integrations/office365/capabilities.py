"""What Office 365 can be asked to do: by the desk where a tenant is set, by hand where none is."""

from typing import Final

from bot.domain.system import IdentifierKind, Manifest, Operation, absent, assisted, automatic, manual
from integrations.office365.places import KEY, MESSAGE

NAME: Final = "Office 365"
KNOWN_BY: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.NAME})

MANIFEST: Final = Manifest(
    key=KEY,
    name=NAME,
    known_by=KNOWN_BY,
    capabilities={
        Operation.FIND: automatic(),
        Operation.EXPORT: automatic(),
        Operation.ERASE: automatic(irreversible=True),
        Operation.RECTIFY: automatic(),
        Operation.RESTRICT: assisted("reason.restrict"),
        Operation.SUPPRESS: absent("reason.suppress"),
    },
    correspondence=frozenset({MESSAGE}),
)
#: What it is while no tenant is set.
BY_HAND: Final = Manifest(
    key=KEY,
    name=NAME,
    known_by=KNOWN_BY,
    capabilities={
        Operation.FIND: manual("reason.find"),
        Operation.EXPORT: manual("reason.export"),
        Operation.ERASE: manual("reason.erase", irreversible=True),
        Operation.RECTIFY: manual("reason.rectify"),
        Operation.RESTRICT: manual("reason.restrict"),
        Operation.SUPPRESS: absent("reason.suppress"),
    },
)
