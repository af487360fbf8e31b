import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Backoff } from "./backoff";
import { Room } from "./client";
import { FakeServer, type FakeSocket, type Faults } from "./fake_server";
import type { Refusal } from "./log";
import type { RoomEvents } from "./parts";
import { MemoryQueue } from "./queue";

const GEOM = { type: "LineString", coordinates: [[0, 0], [1, 1]] };
const LINE = { tool: "line", geom: GEOM };

interface Seat {
  room: Room;
  sockets: FakeSocket[];
  refused: Extract<Refusal, { then: "dropped" }>[];
  queue: MemoryQueue;
}

function seat(server: FakeServer, by: number, dept: string, faults: Faults = {}, queue = new MemoryQueue(), openAfterMs = 0): Seat {
  const sockets: FakeSocket[] = [];
  const refused: Seat["refused"] = [];
  const events: RoomEvents = {
    status: () => undefined,
    marks: () => undefined,
    refused: (refusal) => void refused.push(refusal),
    presence: () => undefined,
    ephemeral: () => undefined,
  };
  const room = new Room(
    {
      url: "ws://test",
      self: { by, dept },
      twin: server.twin(by, dept),
      queue,
      backoff: new Backoff(() => 0.5),
      openSocket: () => {
        const socket = server.open(by, dept, faults, openAfterMs);
        sockets.push(socket);
        return socket;
      },
    },
    events,
  );
  return { room, sockets, refused, queue };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a room", () => {
  it("loads the snapshot, then the socket follows", async () => {
    const server = new FakeServer();
    server.append({ cid: "x", k: "create", obj: "old", ver: 1, by: 9, dept: "HUC", p: LINE });
    const { room, sockets } = seat(server, 1, "NRP");
    await room.start();
    await pass(10);
    expect(room.link).toBe("live");
    expect(room.log.view.has("old")).toBe(true);
    expect(sockets[0]?.sent[0]).toMatchObject({ t: "hello", v: 1, since: 1, epoch: "e1" });
    server.append({ cid: "y", k: "create", obj: "new", ver: 1, by: 9, dept: "HUC", p: LINE });
    await pass(10);
    expect(room.log.view.has("new")).toBe(true);
    room.stop();
  });

  it("two people see each other's marks; nothing stays unsaved", async () => {
    const server = new FakeServer();
    const a = seat(server, 1, "NRP");
    const b = seat(server, 2, "HUC");
    await Promise.all([a.room.start(), b.room.start()]);
    await pass(10);
    a.room.write("create", "m", LINE);
    expect(a.room.unsaved).toBe(1);
    await pass(10);
    b.room.write("reply", "m", { text: "为什么" });
    await pass(10);
    expect(a.room.unsaved + b.room.unsaved).toBe(0);
    expect(a.room.log.view.get("m")?.thread[0]?.text).toBe("为什么");
    expect(await a.queue.all()).toEqual([]);
    a.room.stop();
    b.room.stop();
  });

  it("keeps ops while the line is down, in storage too, and sends them in order with the same cid", async () => {
    const server = new FakeServer();
    const { room, sockets, queue } = seat(server, 1, "NRP");
    await room.start();
    await pass(10);
    server.refuseSockets = true;
    server.refuseHttp = true;
    sockets[0]?.die(1006);
    expect(room.link).toBe("offline");
    room.write("create", "m", LINE);
    room.write("patch", "m", { text: "a" });
    await pass(5_000);
    expect(room.unsaved).toBe(2);
    expect(await queue.all()).toHaveLength(2);
    server.refuseSockets = false;
    server.refuseHttp = false;
    await pass(40_000);
    expect(room.link).toBe("live");
    expect(room.unsaved).toBe(0);
    expect(server.log.map((op) => op.k)).toEqual(["create", "patch"]);
    expect(await queue.all()).toEqual([]);
    room.stop();
  });

  it("sends what a closed tab left behind", async () => {
    const server = new FakeServer();
    const queue = new MemoryQueue();
    await queue.put({ cid: "left", k: "create", obj: "m", base: null, p: LINE, made: 0 });
    const { room } = seat(server, 1, "NRP", {}, queue);
    await room.start();
    await pass(10);
    expect(server.log.map((op) => op.cid)).toEqual(["left"]);
    expect(await queue.all()).toEqual([]);
    room.stop();
  });

  it("works over HTTP where no socket gets through", async () => {
    const server = new FakeServer();
    server.refuseSockets = true;
    const { room } = seat(server, 1, "NRP");
    await room.start();
    await pass(12_000);
    expect(room.link).toBe("polling");
    room.write("create", "m", LINE);
    server.append({ cid: "z", k: "create", obj: "theirs", ver: 1, by: 9, dept: "HUC", p: LINE });
    await pass(6_000);
    expect(room.unsaved).toBe(0);
    expect([...room.log.view.keys()].sort()).toEqual(["m", "theirs"]);
    room.stop();
  });

  it.each([4400, 4401, 4403, 4404, 4413])("stops for good on %i", async (code) => {
    const server = new FakeServer();
    const { room, sockets } = seat(server, 1, "NRP");
    await room.start();
    await pass(10);
    sockets[0]?.die(code);
    await pass(120_000);
    expect(room.link).toBe("stopped");
    expect(room.stopCode).toBe(code);
    expect(sockets).toHaveLength(1);
    room.stop();
  });

  it.each([1001, 1006, 1012, 4408, 4429])("comes back on %i", async (code) => {
    const server = new FakeServer();
    const { room, sockets } = seat(server, 1, "NRP");
    await room.start();
    await pass(10);
    sockets[0]?.die(code);
    await pass(1_000);
    expect(room.link).toBe("live");
    expect(sockets).toHaveLength(2);
    room.stop();
  });

  it("loads the snapshot of a restored server (4409, new epoch)", async () => {
    const server = new FakeServer();
    for (let n = 0; n < 3; n += 1) server.append({ cid: `c${n}`, k: "create", obj: `m${n}`, ver: 1, by: 9, dept: "HUC", p: LINE });
    const { room, sockets } = seat(server, 1, "NRP");
    await room.start();
    await pass(10);
    server.log.length = 1;
    server.marks.delete("m1");
    server.marks.delete("m2");
    server.epoch = "e2";
    sockets[0]?.die(1006);
    await pass(2_000);
    expect(room.link).toBe("live");
    expect(room.log.epoch).toBe("e2");
    expect([...room.log.view.keys()]).toEqual(["m0"]);
    room.stop();
  });

  it("says within three seconds that nobody answers, and reconnects", async () => {
    const server = new FakeServer();
    const { room, sockets } = seat(server, 1, "NRP");
    await room.start();
    await pass(10);
    const first = sockets[0]!;
    first.send = () => undefined; // the line is cut without a word
    room.write("create", "m", LINE);
    await pass(3_000);
    expect(room.link).toBe("unsteady");
    await pass(9_000);
    expect(sockets.length).toBeGreaterThan(1);
    expect(room.link).toBe("live");
    expect(room.unsaved).toBe(0);
    room.stop();
  });

  it("gives a line that opens slowly its time, also after one that died", async () => {
    const server = new FakeServer();
    const { room, sockets } = seat(server, 1, "NRP", {}, undefined, 4_000);
    await room.start();
    await pass(5_000);
    expect(room.link).toBe("live");
    room.wake();
    sockets[0]!.send = () => undefined;
    room.write("create", "m", LINE);
    await pass(11_000);
    expect(room.link).toBe("offline");
    await pass(5_000);
    expect(sockets.length).toBe(2);
    expect(room.link).toBe("live");
    expect(room.unsaved).toBe(0);
    room.stop();
  });

  it("hands a refused text over and shows the frozen state", async () => {
    const server = new FakeServer();
    const { room, refused } = seat(server, 1, "NRP");
    await room.start();
    await pass(10);
    room.write("create", "m", { ...LINE, text: "疏散宽度不足" });
    await pass(10);
    server.append({ cid: "f", k: "sheet.freeze", obj: null, ver: null, by: 9, dept: null, p: {} });
    room.write("patch", "m", { text: "改" });
    await pass(100);
    expect(refused.map((refusal) => [refusal.code, refusal.ops[0].p["text"]])).toEqual([["frozen", "改"]]);
    expect(room.log.state).toBe("frozen");
    expect(room.log.view.get("m")?.p["text"]).toBe("疏散宽度不足");
    room.stop();
  });

  it("keeps below the server's rate and still sends a long queue", async () => {
    const server = new FakeServer();
    const queue = new MemoryQueue();
    for (let n = 0; n < 100; n += 1) await queue.put({ cid: `q${n}`, k: "create", obj: `m${n}`, base: null, p: LINE, made: n });
    const { room, sockets } = seat(server, 1, "NRP", {}, queue);
    await room.start();
    await pass(1_000);
    expect(sockets[0]!.sent.length).toBeLessThanOrEqual(50);
    await pass(5_000);
    expect(server.head).toBe(100);
    expect(room.unsaved).toBe(0);
    room.stop();
  });

  it("converges through lost, doubled and reordered frames", async () => {
    let a = 12345;
    const random = (): number => {
      a = (Math.imul(a, 1103515245) + 12345) & 0x7fffffff;
      return a / 0x7fffffff;
    };
    const server = new FakeServer();
    const faults = { random, drop: 0.2, duplicate: 0.2, reorder: 0.2 };
    const seats = [seat(server, 1, "NRP", faults), seat(server, 2, "NRP", faults), seat(server, 3, "HUC", faults)];
    for (const { room } of seats) await room.start();
    await pass(20);
    for (let n = 0; n < 60; n += 1) {
      const { room } = seats[n % 3]!;
      const marks = [...room.log.view.keys()];
      const obj = marks[Math.floor(random() * marks.length)];
      if (!obj || random() < 0.5) room.write("create", `o${n}`, LINE);
      else room.write(random() < 0.5 ? "reply" : "patch", obj, { text: `t${n}` });
      await pass(120);
    }
    await pass(30_000);
    for (const { sockets } of seats) sockets.at(-1)?.die(1006); // a lost ack is only found by sending again
    await pass(60_000);
    for (const { room } of seats) {
      expect(room.unsaved).toBe(0);
      expect(room.log.last).toBe(server.head);
      expect([...room.log.view.entries()].sort()).toEqual([...server.marks.entries()].sort());
      room.stop();
    }
    expect(new Set(server.log.map((op) => op.cid)).size).toBe(server.head);
  });
});

describe("waiting times", () => {
  it("double up to 30 s, with full jitter, and start again after a success", () => {
    const backoff = new Backoff(() => 1);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(() => backoff.next())).toEqual([250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    backoff.reset();
    expect(backoff.next()).toBe(250);
    expect(new Backoff(() => 0).next()).toBe(0);
  });
});
