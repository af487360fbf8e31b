"""A line that can be cut: a small SOCKS5 proxy on a thread, whose bytes stand still while it is cut (no reset, no goodbye)."""

from __future__ import annotations

import asyncio
import struct
import threading
from contextlib import suppress


class Line:
    """Give `url` to a browser context as its proxy; `cut()` makes the line go dead, `mend()` brings it back."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.flowing = asyncio.Event()
        self.port = 0
        self.pumps: set[asyncio.Task[None]] = set()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.open(), self.loop).result(10)

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self.port}"

    async def open(self) -> None:
        self.flowing.set()
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        self.loop.call_soon_threadsafe(self.flowing.clear)

    def mend(self) -> None:
        self.loop.call_soon_threadsafe(self.flowing.set)

    def close(self) -> None:
        async def end() -> None:
            self.server.close()
            waiting = list(self.pumps)
            for pump in waiting:
                pump.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """SOCKS5 without sign-in, CONNECT only."""
        task = asyncio.current_task()
        assert task is not None
        self.pumps.add(task)
        task.add_done_callback(self.pumps.discard)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            _version, methods = await reader.readexactly(2)
            await reader.readexactly(methods)
            writer.write(b"\x05\x00")
            _version, _command, _zero, kind = await reader.readexactly(4)
            if kind == 1:
                host = ".".join(map(str, await reader.readexactly(4)))
            else:
                host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            (port,) = struct.unpack(">H", await reader.readexactly(2))
            await self.flowing.wait()
            far_reader, far_writer = await asyncio.open_connection(host, port)
            writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
            try:
                await asyncio.gather(
                    self.pump(reader, far_writer), self.pump(far_reader, writer), return_exceptions=True
                )
            finally:
                far_writer.close()
                writer.close()

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Bytes one way, held while the line is cut."""
        while data := await reader.read(65536):
            await self.flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.close()
