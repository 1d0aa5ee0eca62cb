"""``angarium serve``: the server itself."""

from argparse import Namespace

from angarium.server.cli.config import warn_of_variables
from angarium.server.cli.place import load_config


def serve(chosen: Namespace) -> int:
    """Serve until told to stop; with ``--demo`` on ports and with mail to try it on."""
    warn_of_variables()
    if chosen.demo:
        from angarium.server.demo import demo

        return demo(load_config(chosen))
    from angarium.server.serve import serve as serve_config

    return serve_config(load_config(chosen), lambda: load_config(chosen))
