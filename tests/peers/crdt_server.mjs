// y-websocket or Hocuspocus as they come, in memory only. `node crdt_server.mjs y-websocket|hocuspocus PORT`
import http from "node:http";

const [kind, port] = [process.argv[2], Number(process.argv[3])];
if (kind === "hocuspocus") {
  const { Server } = await import("@hocuspocus/server");
  await new Server({ port, address: "127.0.0.1", quiet: true, debounce: 2000 }).listen();
} else {
  const { WebSocketServer } = await import("ws");
  const { setupWSConnection } = await import("y-websocket/bin/utils");
  const server = http.createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", setupWSConnection);
  server.listen(port, "127.0.0.1");
}
