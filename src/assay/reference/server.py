"""From options to a listening socket: the one place that knows uvicorn.

uvicorn is started bare: no lifespan, no access log, no proxy headers, no websockets, httptools and uvloop where they
can be had. The socket is bound here, before the event loop, so that a port in use is a plain message, and `announce` is
called when a connection would be accepted, not a moment earlier. Everything heavy is imported in `serve`, because the
parent of a background server imports this package too.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import signal
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import UsageError
from assay.reference.editions import DEFAULT_EDITION, EDITIONS
from assay.reference.parts import DEFAULT_QUOTA, Parts, careful_parts
from assay.reference.wire import Application, application

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from assay.liberties import Liberty
    from assay.mutants import Mutant

__all__ = ["build", "serve"]

_LAST_PORT = 65535
_LOOPBACK = "127.0.0.1"


def serve(  # noqa: PLR0913 - one for each option of the command
    *,
    host: str | None = None,
    port: int = 0,
    edition: str = DEFAULT_EDITION,
    mutant: str | None = None,
    liberties: Sequence[str] = (),
    impostor: str | None = None,
    state: str | os.PathLike[str] | None = None,
    quota: int = DEFAULT_QUOTA,
    verify_signatures: bool = False,
    credentials: Mapping[str, str] | None = None,
    certificate: tuple[str, str] | None = None,
    announce: Callable[[str], object] | None = None,
    ignore_interrupts: bool = False,
) -> None:
    """Serve until a signal ends it (Ctrl-C too, but for `ignore_interrupts`); `announce` is handed the URL.

    With a `certificate`, the files of one and of its key, it speaks TLS.
    """
    disguise = _disguise(impostor, mutant, liberties)
    if disguise is None:
        _be_gone(host or _LOOPBACK, port, announce)
        return
    known = dict(credentials or {})
    parts, app = build(
        edition=edition,
        mutant=mutant,
        liberties=liberties,
        state=None if state is None else Path(state),
        quota=quota,
        credentials=known if verify_signatures else None,
    )
    chosen = _chosen(liberties)
    where = host or next((each.host for each in chosen if each.host is not None), _LOOPBACK)
    settings = _settings(_fault(mutant), chosen, certificate)
    try:
        _run(disguise(app), _listen(where, port), announce, settings, ignore_interrupts=ignore_interrupts)
    finally:
        parts.store.close()


def build(  # noqa: PLR0913 - as above
    *,
    edition: str = DEFAULT_EDITION,
    mutant: str | None = None,
    liberties: Sequence[str] = (),
    state: Path | None = None,
    quota: int = DEFAULT_QUOTA,
    credentials: Mapping[str, str] | None = None,
) -> tuple[Parts, Application]:
    """The parts and the application of a server; with `credentials` it verifies signatures against them."""
    if edition not in EDITIONS:
        raise UsageError(f"there is no edition {edition!r}", hint=f"editions: {', '.join(EDITIONS)}")
    fault, chosen = _fault(mutant), _chosen(liberties)
    admit = None
    if credentials is not None:
        if not credentials:
            raise UsageError("signatures cannot be verified without keys", hint="give --credentials ID:SECRET")
        from assay.reference.signatures import SignatureCheck  # noqa: PLC0415 - few servers verify

        admit = SignatureCheck(credentials=credentials)
    if state is None:
        parts = careful_parts(quota=quota, edition=edition, admit=admit)
    else:
        from assay.reference.state import FileStore  # noqa: PLC0415 - few servers keep a file

        store = FileStore(state)
        parts = careful_parts(store=store, token_key=store.token_key, quota=quota, edition=edition, admit=admit)
    if fault is not None:
        parts = fault.apply(parts)
    for each in chosen:
        parts = each.apply(parts)
    app = application(parts=parts, edition=EDITIONS[edition])
    if fault is not None and fault.in_threads:
        from assay.reference.pool import in_threads  # noqa: PLC0415 - few servers have threads

        app = in_threads(app)
    if fault is not None and fault.around is not None:
        app = fault.around(app)
    for each in chosen:
        app = each.around(app)
    return parts, app


def _fault(mutant: str | None) -> Mutant | None:
    if mutant is None:
        return None
    from assay.mutants import named  # noqa: PLC0415 - the reference itself knows no mutant

    return named(mutant)


def _chosen(liberties: Sequence[str]) -> tuple[Liberty, ...]:
    if not liberties:
        return ()
    from assay.liberties import named  # noqa: PLC0415 - nor does it know of liberties

    return named(liberties)


def _disguise(
    impostor: str | None, mutant: str | None, liberties: Sequence[str]
) -> Callable[[Application], Application] | None:
    """What makes an impostor of the server; None where it is not to be there at all."""
    if impostor is None:
        return lambda app: app
    if mutant is not None or liberties:
        raise UsageError("an impostor has no fault and takes no liberty", hint="leave out the one or the other")
    from assay.impostors import named  # noqa: PLC0415 - as above

    return named(impostor).around


def _be_gone(host: str, port: int, announce: Callable[[str], object] | None) -> None:
    """Keep a port, so that nobody else answers there, and let nobody in."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family) as kept, contextlib.suppress(KeyboardInterrupt):
        kept.bind(address)
        if announce is not None:
            announce(_url(kept, is_tls=False))
        threading.Event().wait()


def _settings(fault: Mutant | None, chosen: Sequence[Liberty], certificate: tuple[str, str] | None) -> dict[str, Any]:
    """What uvicorn has to know of how these speak."""
    settings: dict[str, Any] = {"http": "httptools" if importlib.util.find_spec("httptools") else "h11"}
    heads = tuple(each.head for each in chosen if each.head is not None)
    if heads or (fault is not None and fault.protocol is not None):
        from uvicorn.protocols.http.auto import AutoHTTPProtocol  # noqa: PLC0415 - see the top

        settings["http"] = AutoHTTPProtocol
    if fault is not None and fault.protocol is not None:
        settings["http"] = fault.protocol(settings["http"])
    if heads:
        from assay.liberties.heads import protocol_with  # noqa: PLC0415 - as above

        settings["http"] = protocol_with(heads, settings["http"])
    if certificate is not None:
        settings["ssl_certfile"], settings["ssl_keyfile"] = certificate
    elif any(each.tls for each in chosen):
        raise UsageError("a server that speaks TLS needs a certificate", hint="`assay serve` makes one")
    return settings


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        # The resolver would take such a number modulo 65,536 without a word.
        raise UsageError(f"cannot listen on port {port}", hint=f"ports are 0 (any free one) to {_LAST_PORT}")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "choose another port with --port, or 0 for any free one"
        raise UsageError(f"cannot listen on {host} port {port}: {reason}", hint=hint) from error


def _run(
    app: Application,
    listener: socket.socket,
    announce: Callable[[str], object] | None,
    settings: Mapping[str, Any],
    *,
    ignore_interrupts: bool,
) -> None:
    from uvicorn.config import Config  # noqa: PLC0415 - see the top
    from uvicorn.server import Server  # noqa: PLC0415

    class _Server(Server):
        """uvicorn's server, that says when it listens and leaves no signal behind it."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if announce is not None:
                announce(_url(listener, is_tls=config.is_ssl))

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Signals end the server and are not raised a second time at its end, as uvicorn's own method would."""
            handlers: dict[int, Callable[[int, FrameType | None], None] | signal.Handlers] = {
                signal.SIGINT: signal.SIG_IGN if ignore_interrupts else self.handle_exit,
                signal.SIGTERM: self.handle_exit,
            }
            before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

    # The loop warns of answers that a caller no longer waits for: the caller's doing, and no fault of the server.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    config = Config(
        app,
        loop="uvloop" if importlib.util.find_spec("uvloop") else "asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        interface="asgi3",
        **settings,
    )
    _Server(config).run(sockets=[listener])


def _url(listener: socket.socket, *, is_tls: bool) -> str:
    host, port = listener.getsockname()[:2]
    scheme = "https" if is_tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
