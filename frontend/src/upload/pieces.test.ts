import { describe, expect, it } from "vitest";
import { Refusal } from "../site/requests";
import { nextPiece, sendInPieces, type Line, type Upload } from "./pieces";

const refusal = (status: number, code: string): Refusal => new Refusal({ status, code, title: code });

/** A server in memory that keeps what it gets, and a line that breaks where the test says. */
function made(content: Uint8Array<ArrayBuffer>, faults: (piece: number) => "ok" | "cut" | "lost answer" | "changed" | "gone") {
  let kept = new Uint8Array(0);
  let pieces = 0;
  const seen = { pauses: 0, begun: 0, dropped: 0 };
  const upload = (): Upload => ({ id: "1", name: "a.dwg", folder: "", size: content.length, offset: kept.length, complete: false, url: "/u/1" });
  const line: Line = {
    begin: () => {
      seen.begun += 1;
      return Promise.resolve(upload());
    },
    offset: () => Promise.resolve(kept.length),
    send: async (_upload, at, piece, progress) => {
      pieces += 1;
      const fault = faults(pieces);
      if (fault === "cut") throw refusal(0, "offline");
      if (fault === "changed") throw refusal(422, "sha256_mismatch");
      if (fault === "gone") throw refusal(409, "upload_gone");
      if (at !== kept.length) throw refusal(409, "offset_mismatch");
      const bytes = new Uint8Array(await piece.arrayBuffer());
      const longer = new Uint8Array(kept.length + bytes.length);
      longer.set(kept);
      longer.set(bytes, kept.length);
      kept = longer;
      progress(bytes.length);
      if (fault === "lost answer") throw refusal(0, "offline");
      return kept.length;
    },
    drop: () => {
      seen.dropped += 1;
      kept = new Uint8Array(0);
      return Promise.resolve();
    },
    pause: () => {
      seen.pauses += 1;
      return Promise.resolve();
    },
  };
  return { line, seen, kept: () => kept };
}

const content = Uint8Array.from({ length: 2_600_000 }, (_, at) => (at * 7) & 255);
const hooks = { progress: () => undefined, waiting: () => undefined };

describe("a file in pieces", () => {
  it("arrives whole over a line that is cut and loses answers", async () => {
    const cuts: boolean[] = [];
    const server = made(content, (piece) => (piece % 3 === 0 ? "cut" : piece % 4 === 0 ? "lost answer" : "ok"));
    const done = await sendInPieces(new Blob([content]), server.line, { progress: () => undefined, waiting: (cut) => cuts.push(cut) });
    expect(done.complete).toBe(true);
    expect(Buffer.from(server.kept()).equals(content)).toBe(true);
    expect(cuts.slice(0, 2)).toEqual([true, false]);
    expect(server.seen.begun).toBe(1);
  });
  it("begins anew once when the content does not agree, then says so", async () => {
    const once = made(content, (piece) => (piece === 2 ? "changed" : "ok"));
    await sendInPieces(new Blob([content]), once.line, hooks);
    expect(Buffer.from(once.kept()).equals(content)).toBe(true);
    expect(once.seen.dropped).toBe(1);
    const always = made(content, () => "changed");
    await expect(sendInPieces(new Blob([content]), always.line, hooks)).rejects.toThrow("sha256_mismatch");
  });
  it("begins anew when the server has cleared its part away", async () => {
    const server = made(content, (piece) => (piece === 3 ? "gone" : "ok"));
    await sendInPieces(new Blob([content]), server.line, hooks);
    expect(Buffer.from(server.kept()).equals(content)).toBe(true);
  });
  it("fits the piece to the line", () => {
    expect(nextPiece(512 * 1024, 100)).toBe(1024 * 1024);
    expect(nextPiece(4 * 1024 * 1024, 100)).toBe(4 * 1024 * 1024);
    expect(nextPiece(512 * 1024, 3_000)).toBe(512 * 1024);
    expect(nextPiece(128 * 1024, 20_000)).toBe(128 * 1024);
  });
});
