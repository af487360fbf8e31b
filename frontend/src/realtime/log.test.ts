import { describe, expect, it } from "vitest";
import { FakeServer } from "./fake_server";
import { SheetLog } from "./log";
import type { Op, PendingOp, ServerFrame, UserKind } from "./protocol";

const ME = { by: 1, dept: "NRP" };
const GEOM = { type: "LineString", coordinates: [[0, 0], [1, 1]] };

let counter = 0;
function made(k: UserKind, obj: string, base: number | null, p: Record<string, unknown> = {}): PendingOp {
  counter += 1;
  return { cid: `c${counter}`, k, obj, base, p, made: 0 };
}

function logged(seq: number, k: string, obj: string | null, ver: number | null, p: Record<string, unknown> = {}, cid = `s${seq}`): Op {
  return { seq, cid, k, obj, ver, by: 2, dept: "HUC", at: "2026-05-01T00:00:00Z", p };
}

function nack(op: PendingOp, code: string, cur?: unknown): Extract<ServerFrame, { t: "nack" }> {
  return { t: "nack", cid: op.cid, code, cur } as Extract<ServerFrame, { t: "nack" }>;
}

describe("pending ops", () => {
  it("show at once, marked unsaved, and are confirmed by ack and ops in either order", () => {
    for (const ackFirst of [true, false]) {
      const log = new SheetLog(ME);
      const op = made("create", "m", null, { tool: "line", geom: GEOM });
      log.add(op);
      expect(log.view.get("m")?.unsaved).toBe(true);
      expect(log.unsaved).toBe(1);
      const row = logged(1, "create", "m", 1, op.p, op.cid);
      if (ackFirst) {
        log.ack(op.cid, 1, 1);
        expect(log.unsaved).toBe(0);
        expect(log.view.get("m")?.unsaved).toBe(false);
        log.receive([row]);
      } else {
        log.receive([row]);
        expect(log.ack(op.cid, 1, 1)).toBeNull();
      }
      expect(log.pending).toHaveLength(0);
      expect(log.view.get("m")).toEqual(log.base.get("m"));
    }
  });

  it("name the version that the person sees, so that two quick edits follow each other", () => {
    const log = new SheetLog(ME);
    log.receive([logged(1, "create", "m", 1, { tool: "line", geom: GEOM })]);
    log.add(made("patch", "m", log.versionOf("m"), { text: "a" }));
    expect(log.versionOf("m")).toBe(2);
    log.add(made("reply", "m", null, { text: "r" }));
    expect(log.versionOf("m")).toBe(2);
    log.add(made("delete", "m", log.versionOf("m")));
    expect(log.versionOf("m")).toBe(3);
    expect(log.view.get("m")?.deleted).toBe(true);
    expect(log.base.get("m")?.deleted).toBe(false);
  });

  it("are sent one at a time per mark, others beside them", () => {
    const log = new SheetLog(ME);
    const first = made("create", "m", null, { tool: "line", geom: GEOM });
    const second = made("patch", "m", 1, { text: "x" });
    const other = made("create", "n", null, { tool: "line", geom: GEOM });
    for (const op of [first, second, other]) log.add(op);
    const flying = new Set<string>();
    expect(log.nextToSend(flying)).toBe(first);
    flying.add(first.cid);
    expect(log.nextToSend(flying)).toBe(other);
    flying.add(other.cid);
    expect(log.nextToSend(flying)).toBeNull();
    flying.delete(first.cid);
    log.ack(first.cid, 1, 1);
    expect(log.nextToSend(flying)).toBe(second);
  });

  it("are kept once when added twice", () => {
    const log = new SheetLog(ME);
    const op = made("create", "m", null, { tool: "line", geom: GEOM });
    log.add(op);
    log.add({ ...op });
    expect(log.pending).toHaveLength(1);
  });
});

describe("refusals", () => {
  it("roll the view back and hand the op over with what the server holds", () => {
    const log = new SheetLog(ME);
    log.receive([logged(1, "create", "m", 1, { tool: "text", geom: GEOM, text: "theirs" })]);
    const op = made("patch", "m", 1, { text: "mine" });
    log.add(op);
    const refusal = log.nack(nack(op, "stale", { obj: "m", ver: 4, deleted: false, p: { text: "newer" } }));
    expect(refusal).toMatchObject({ then: "dropped", code: "stale", current: { ver: 4, p: { text: "newer" } } });
    expect(log.view.get("m")?.p["text"]).toBe("theirs");
    expect(log.pending).toHaveLength(0);
  });

  it("take along what was built on the refused op, so that nothing is merged that nobody wrote", () => {
    const log = new SheetLog(ME);
    log.receive([logged(1, "create", "m", 1, { tool: "text", geom: GEOM, text: "0" })]);
    const first = made("patch", "m", 1, { text: "mine" });
    log.add(first);
    const built = made("patch", "m", 2, { text: "mine, longer" });
    log.add(built);
    const reply = made("reply", "m", null, { text: "stands by itself" });
    log.add(reply);
    const refusal = log.nack(nack(first, "stale"));
    expect(refusal?.then === "dropped" && refusal.ops).toEqual([first, built]);
    expect(log.pending).toEqual([reply]);
  });

  it("take a reply along when its mark was never made", () => {
    const log = new SheetLog(ME);
    const first = made("create", "m", null, { tool: "line", geom: GEOM });
    log.add(first);
    log.add(made("reply", "m", null, { text: "r" }));
    log.nack(nack(first, "frozen"));
    expect(log.pending).toHaveLength(0);
    expect(log.view.has("m")).toBe(false);
  });

  it.each(["retry", "rate"])("%s keeps the op and its place", (code) => {
    const log = new SheetLog(ME);
    const op = made("create", "m", null, { tool: "line", geom: GEOM });
    log.add(op);
    expect(log.nack(nack(op, code))).toMatchObject({ then: "again", op });
    expect(log.unsaved).toBe(1);
  });
});

describe("arrivals", () => {
  it("are skipped when known, held when ahead, applied in order", () => {
    const log = new SheetLog(ME);
    const rows = [1, 2, 3, 4].map((seq) => logged(seq, "create", `m${seq}`, 1, { tool: "line", geom: GEOM }));
    expect(log.receive([rows[2]!]).gap).toBe(true);
    expect(log.last).toBe(0);
    expect(log.receive([rows[0]!, rows[0]!]).gap).toBe(true);
    expect(log.last).toBe(1);
    const arrival = log.receive([rows[1]!]);
    expect(arrival.gap).toBe(false);
    expect(arrival.applied.map((op) => op.seq)).toEqual([2, 3]);
    log.receive(rows);
    expect(log.last).toBe(4);
    expect(log.base.size).toBe(4);
  });

  it("follow freeze, thaw and the final signature; a department's own signature leaves the sheet open", () => {
    const log = new SheetLog(ME);
    const states = [
      ["sheet.open", {}, "open"],
      ["sign", { task: "t" }, "open"],
      ["sheet.freeze", {}, "frozen"],
      ["sheet.thaw", {}, "open"],
      ["sign", { final: true }, "signed"],
    ] as const;
    states.forEach(([k, p, state], at) => {
      log.receive([logged(at + 1, k, null, null, p)]);
      expect(log.state).toBe(state);
    });
  });

  it("a snapshot replaces the base and keeps what is still pending", () => {
    const log = new SheetLog(ME);
    const saved = made("create", "saved", null, { tool: "line", geom: GEOM });
    const waiting = made("create", "waiting", null, { tool: "line", geom: GEOM });
    log.add(saved);
    log.add(waiting);
    log.ack(saved.cid, 7, 1);
    log.receive([logged(1, "create", "gone", 1, { tool: "line", geom: GEOM })]);
    log.load({ epoch: "e", head: 9, state: "open", objects: [{ obj: "saved", ver: 1, p: saved.p }] });
    expect([...log.view.keys()].sort()).toEqual(["saved", "waiting"]);
    expect(log.pending).toEqual([waiting]);
    expect(log.last).toBe(9);
  });
});

/** mulberry32: the same seed gives the same run. */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe("convergence", () => {
  it("every replica ends as the server's log says, whatever is lost, doubled or out of order", { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = seeded(seed);
      const server = new FakeServer();
      const replicas = [1, 2, 3].map((by) => ({ by, dept: by === 3 ? "HUC" : "NRP", log: new SheetLog({ by, dept: by === 3 ? "HUC" : "NRP" }), acked: new Set<string>() }));
      const flights: { to: number; frame: ServerFrame }[] = [];
      server.sockets.clear();
      let delivered = 0;
      const spread = (): void => {
        while (delivered < server.head) {
          const row = server.log[delivered]!;
          delivered += 1;
          replicas.forEach((_, to) => flights.push({ to, frame: { t: "ops", from: row.seq, ops: [row] } }));
        }
      };
      for (let step = 0; step < 80; step += 1) {
        const replica = replicas[Math.floor(random() * 3)]!;
        const dice = random();
        if (dice < 0.45) {
          const known = [...replica.log.view.values()];
          const mark = known[Math.floor(random() * known.length)];
          const kinds: UserKind[] = ["patch", "patch", "delete", "restore", "reply", "resolve", "reopen"];
          const k = mark && random() < 0.75 ? kinds[Math.floor(random() * kinds.length)]! : "create";
          const obj = k === "create" ? `m${seed}-${step}` : mark!.obj;
          counter += 1;
          replica.log.add({
            cid: `r${counter}`,
            k,
            obj,
            base: k === "create" ? null : replica.log.versionOf(obj),
            p: k === "create" ? { tool: "line", geom: GEOM } : k === "patch" || k === "reply" ? { text: `t${counter}` } : {},
            made: 0,
          });
        } else if (dice < 0.6) {
          const op = replica.log.nextToSend(new Set());
          if (op && random() > 0.15) {
            const frame = server.commit(replica.by, replica.dept, structuredClone(op));
            spread();
            if (random() > 0.2) flights.push({ to: replicas.indexOf(replica), frame });
          }
        } else if (flights.length > 0) {
          const at = Math.floor(random() * Math.min(flights.length, 8));
          const flight = flights[at]!;
          if (random() > 0.2) flights.splice(at, 1); // else it stays and comes twice
          if (random() > 0.25) hear(replicas[flight.to]!, flight.frame);
        }
      }
      // The network heals: everything pending is sent until nothing is left, then the gap is fetched.
      for (const replica of replicas) {
        for (;;) {
          const op = replica.log.nextToSend(new Set());
          if (!op) break;
          hear(replica, server.commit(replica.by, replica.dept, structuredClone(op)));
        }
      }
      for (const replica of replicas) {
        replica.log.receive(server.log.slice(replica.log.last));
        expect(replica.log.pending, `seed ${seed}`).toEqual([]);
        expect(replica.log.last).toBe(server.head);
        expect(sorted(replica.log.view), `seed ${seed}`).toEqual(sorted(server.marks));
        for (const cid of replica.acked) expect(server.log.filter((row) => row.cid === cid)).toHaveLength(1);
      }
      expect(server.log.map((row) => row.seq)).toEqual(server.log.map((_, at) => at + 1));
    }
  });
});

function hear(replica: { log: SheetLog; acked: Set<string> }, frame: ServerFrame): void {
  if (frame.t === "ops") replica.log.receive(frame.ops);
  else if (frame.t === "ack") {
    if (replica.log.ack(frame.cid, frame.seq, frame.ver)) replica.acked.add(frame.cid);
  } else if (frame.t === "nack") replica.log.nack(frame);
}

function sorted(marks: ReadonlyMap<string, unknown>): unknown[] {
  return [...marks.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
}
