"""What kind of source a path is: Maildir, mbox, folder of message files, one message, or an archive of any of them."""

from collections.abc import Callable
from pathlib import Path

from angarium.server.importing import files, maildir, mbox, tarball
from angarium.server.importing.source import Source, SourceError


def open_path(path: Path, root: str, scratch: Callable[[], Path]) -> Source:
    """Open the source at ``path``.

    ``root`` is the mailbox for messages that lie in no folder of the source, and the parent of the others unless it is INBOX;
    ``scratch`` makes an empty folder for what has to be unpacked.
    """
    try:
        if path.is_dir():
            return _open_directory(path, root)
        if path.is_file():
            return _open_file(path, root, scratch)
    except OSError as error:
        raise SourceError(f"{error.filename or path} cannot be read: {error.strerror}") from error
    wrong = "is neither a file nor a folder" if path.exists() else "does not exist"
    raise SourceError(f"{path} {wrong}: give a Maildir, an mbox file, a folder of message files or an imap:// address")


def _open_directory(path: Path, root: str) -> Source:
    if maildir.find_maildirs(path, root):
        return maildir.open_maildir(path, root)
    return files.open_folder(path, root)


def _open_file(path: Path, root: str, scratch: Callable[[], Path]) -> Source:
    content = files.content_of(path)
    if files.is_mbox(path):
        return mbox.open_mbox(path, root)
    if content in (files.Content.MESSAGE, files.Content.FROM_LINE):
        return files.open_message(path, root)
    if tarball.is_archive(path):
        return _open_directory(tarball.unpack(path, scratch()), root)
    if content is files.Content.EMPTY and path.suffix.lower() in files.MBOX_SUFFIXES:
        return mbox.open_mbox(path, root)
    raise SourceError(f"{path} is no mail: it starts with neither a header field nor an mbox From line")
