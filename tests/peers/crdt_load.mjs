// Real clients of a CRDT server: `node crdt_load.mjs y-websocket|hocuspocus PORT PAGES SENDERS SECONDS`. Prints {rate, cpu}: marks a second that
// reached every page (each sender draws its next mark when all have the last), and how busy this process was (1: a whole core).
import * as Y from "yjs";
import WebSocket from "ws";

const [kind, port, pages, senders, seconds] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const left = new Map();
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function provider(doc) {
  if (kind === "hocuspocus") {
    const { HocuspocusProvider, HocuspocusProviderWebsocket } = await import("@hocuspocus/provider");
    const socket = new HocuspocusProviderWebsocket({ url: `ws://127.0.0.1:${port}`, WebSocketPolyfill: WebSocket });
    const made = new HocuspocusProvider({ websocketProvider: socket, name: "sheet", document: doc });
    made.attach();
    return { synced: new Promise((done) => made.on("synced", done)) };
  }
  const { WebsocketProvider } = await import("y-websocket");
  const made = new WebsocketProvider(`ws://127.0.0.1:${port}`, "sheet", doc, { WebSocketPolyfill: WebSocket, disableBc: true });
  return { synced: new Promise((done) => made.once("sync", done)) };
}

const docs = [];
for (let n = 0; n < pages; n += 1) {
  const doc = new Y.Doc();
  const marks = doc.getArray("marks");
  marks.observe((event) => {
    for (const change of event.changes.delta) {
      for (const mark of change.insert ?? []) {
        const op = left.get(mark.cid);
        if (op && (op.count -= 1) === 0) op.whole();
      }
    }
  });
  docs.push({ doc, marks });
  await (await provider(doc)).synced;
}

const mark = { tool: "cloud", geom: { type: "Polygon", coordinates: [[[100.5, 200.5], [400.5, 200.5], [400.5, 500.5], [100.5, 200.5]]] }, text: "疏散楼梯间前室面积不足，请复核。", style: { color: "#c8161d", width: 2 } };
let number = 0;
async function draw(page, until) {
  let done = 0;
  while (performance.now() < until) {
    const cid = `c${(number += 1)}`;
    const whole = new Promise((resolve) => left.set(cid, { count: pages, whole: resolve }));
    docs[page].marks.push([{ cid, p: mark }]);
    const arrived = await Promise.race([whole.then(() => true), wait(30_000).then(() => false)]);
    if (!arrived) throw new Error("a mark did not reach everybody");
    left.delete(cid);
    done += 1;
  }
  return done;
}
const run = (ms) => Promise.all(Array.from({ length: Math.min(senders, pages) }, (_, page) => draw(page, performance.now() + ms)));
await run(seconds * 250);
const [begun, cpu] = [performance.now(), process.cpuUsage()];
const done = (await run(seconds * 1000)).reduce((sum, n) => sum + n, 0);
const passed = (performance.now() - begun) / 1000;
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({ rate: done / passed, cpu: (used.user + used.system) / 1e6 / passed }));
process.exit(0);
