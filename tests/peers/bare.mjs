// The least a room can be, on Node: every op to every socket, nothing stored, nothing checked. `node bare.mjs PORT`
import { WebSocketServer } from "ws";

const sockets = new Set();
let seq = 0;
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: false, handleProtocols: () => "review.v1" });
server.on("connection", (socket) => {
  socket.on("close", () => sockets.delete(socket));
  socket.on("message", (data) => {
    const frame = JSON.parse(data.toString());
    if (frame.t === "hello") {
      sockets.add(socket);
      socket.send(JSON.stringify({ t: "welcome", v: 1, head: seq }));
    } else if (frame.t === "op") {
      seq += 1;
      const text = JSON.stringify({ t: "ops", from: seq, ops: [{ seq, cid: frame.cid, k: frame.k, obj: frame.obj, ver: 1, p: frame.p }] });
      for (const one of sockets) one.send(text);
    }
  });
});
