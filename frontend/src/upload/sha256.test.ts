import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Sha256, sha256OfFile } from "./sha256";

const bytes = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 3)) & 255);
const expected = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

describe("SHA-256", () => {
  it.each([0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1000, 70001])("of %i bytes is Node's", (length) => {
    const data = bytes(length);
    expect(new Sha256().update(data).hex()).toBe(expected(data));
  });
  it("does not depend on how the bytes are cut", () => {
    const data = bytes(5000);
    const hash = new Sha256();
    for (let at = 0; at < data.length; at += 37) hash.update(data.subarray(at, at + 37));
    expect(hash.hex()).toBe(expected(data));
  });
  it("of a file is the same with and without WebCrypto, and progress ends at 1", async () => {
    const data = bytes(200_000);
    const blob = new Blob([data]);
    expect(await sha256OfFile(blob)).toBe(expected(data));
    const subtle = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(globalThis.crypto), "subtle")!;
    Object.defineProperty(globalThis.crypto, "subtle", { value: undefined, configurable: true });
    try {
      const shares: number[] = [];
      expect(await sha256OfFile(blob, (share) => shares.push(share))).toBe(expected(data));
      expect(shares.at(-1)).toBe(1);
    } finally {
      Object.defineProperty(globalThis.crypto, "subtle", subtle);
    }
  });
});
