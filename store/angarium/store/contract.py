"""The contract suite: what every store has to do, as pytest tests for your own (``angarium.engine.operations``).

Write, in a test file of yours::

    from angarium.store.contract import PASSWORDS, StoreContract

    class TestMyStore(StoreContract):
        unsupported = frozenset({CreateMailbox})      # if there are operations that it refuses

        def make_store(self, folder):                 # empty, with the users of PASSWORDS
            return MyStore(folder, PASSWORDS)

and run pytest. Operations in ``unsupported`` have to raise ``PermissionDenied``; what needs them is skipped. Override ``settle``
when your store indexes behind delivery, ``reopen_store`` when it keeps data beyond the process, ``discard_store`` to clean up.
"""

from angarium.store.contracts.access import AccessContract
from angarium.store.contracts.binary import BinaryContract
from angarium.store.contracts.changing import ChangingContract
from angarium.store.contracts.dates import DatesContract
from angarium.store.contracts.harness import PASSWORDS
from angarium.store.contracts.mailboxes import MailboxesContract
from angarium.store.contracts.messages import MessagesContract
from angarium.store.contracts.object_ids import ObjectIdsContract
from angarium.store.contracts.replacing import ReplacingContract
from angarium.store.contracts.rules import RulesContract
from angarium.store.contracts.searching import SearchingContract
from angarium.store.contracts.sorting import SortingContract
from angarium.store.contracts.users import UsersContract
from angarium.store.contracts.watching import WatchingContract

__all__ = ["PASSWORDS", "StoreContract"]


class StoreContract(
    UsersContract,
    MailboxesContract,
    MessagesContract,
    BinaryContract,
    ChangingContract,
    ReplacingContract,
    AccessContract,
    WatchingContract,
    SearchingContract,
    SortingContract,
    ObjectIdsContract,
    DatesContract,
    RulesContract,
):
    """All of the contract."""
