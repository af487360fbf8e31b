/**
 * A file sent in pieces (断点续传): the server says how much it has, we go on from there. A cut line is waited out; after a
 * closed tab the same file chosen again is found by its checksum and only the rest is sent. The server compares the whole.
 */

import { address, ask, ownHeaders, problemFrom, Refusal } from "../site/requests";

/** What the server has of a file. */
export interface Upload {
  id: string;
  name: string;
  folder: string;
  size: number;
  offset: number;
  complete: boolean;
  url: string;
}

export interface Hooks {
  /** Bytes that are there or on their way. */
  progress: (bytes: number) => void;
  /** The line is cut (true) or back (false). */
  waiting: (cut: boolean) => void;
}

/** What the loop needs of the network; the page's own below, a made-up one in tests. */
export interface Line {
  begin: () => Promise<Upload>;
  offset: (upload: Upload) => Promise<number>;
  send: (upload: Upload, at: number, piece: Blob, progress: (bytes: number) => void) => Promise<number>;
  drop: (upload: Upload) => Promise<void>;
  pause: (ms: number) => Promise<void>;
}

const SMALLEST = 128 * 1024;
const FIRST = 512 * 1024;
/** The server takes no larger piece. */
const LARGEST = 4 * 1024 * 1024;
const QUICK_MS = 1_000;
const SLOW_MS = 8_000;
const LONGEST_WAIT = 15_000;

/** A larger piece on a quick line, a smaller one on a slow line: what a cut loses is one piece. */
export function nextPiece(size: number, ms: number): number {
  if (ms < QUICK_MS) return Math.min(LARGEST, size * 2);
  if (ms > SLOW_MS) return Math.max(SMALLEST, Math.floor(size / 2));
  return size;
}

/** Worth trying again by itself? */
function passing(cause: unknown): boolean {
  return cause instanceof Refusal && (cause.problem.status === 0 || cause.problem.status === 429 || cause.problem.status >= 500 || cause.problem.code === "in_flight");
}

/** Send a file until the server has all of it; rejects with the Refusal that no patience mends. */
export async function sendInPieces(file: Blob, line: Line, hooks: Hooks): Promise<Upload> {
  let anew = 0;
  let wait = 1_000;
  let piece = FIRST;
  let upload: Upload | null = null;
  let cut = false;
  for (;;) {
    try {
      if (upload === null) upload = await line.begin();
      else if (cut) upload.offset = await line.offset(upload);
      if (cut) {
        cut = false;
        hooks.waiting(false);
      }
      while (upload.offset < upload.size) {
        const at: number = upload.offset;
        hooks.progress(at);
        const from = performance.now();
        upload.offset = await line.send(upload, at, file.slice(at, at + piece), (sent) => hooks.progress(at + sent));
        piece = nextPiece(piece, performance.now() - from);
        wait = 1_000;
      }
      upload.complete = true;
      hooks.progress(upload.size);
      return upload;
    } catch (cause) {
      const code = cause instanceof Refusal ? cause.problem.code : "";
      if (code === "offset_mismatch" && upload) {
        // A piece arrived whose answer was lost, or another window sends the same file.
        upload.offset = await line.offset(upload).catch(() => 0);
        await line.pause(wait);
        wait = Math.min(LONGEST_WAIT, wait * 2);
      } else if ((code === "sha256_mismatch" || code === "upload_gone" || code === "not_found") && upload && anew < 1) {
        anew += 1;
        await line.drop(upload).catch(() => undefined);
        upload = null;
      } else if (passing(cause)) {
        if (!cut) hooks.waiting(true);
        cut = true;
        await line.pause(wait);
        wait = Math.min(LONGEST_WAIT, wait * 2);
      } else throw cause;
    }
  }
}

/** The page's own line to `base` (…/uploads). */
export function lineTo(base: string, file: File, path: string, sha256: string): Line {
  return {
    begin: () => ask<Upload>(base, { body: { name: file.name, size: file.size, sha256, path } }),
    offset: async (upload) => {
      let response: Response;
      try {
        response = await fetch(address(upload.url), { method: "HEAD", headers: ownHeaders("HEAD"), credentials: "same-origin", cache: "no-store" });
      } catch {
        throw new Refusal(problemFrom(0, ""));
      }
      const offset = Number(response.headers.get("Upload-Offset") ?? NaN);
      if (response.ok && Number.isInteger(offset)) return offset;
      throw new Refusal({ ...problemFrom(response.status, ""), ...(response.status === 404 ? { code: "not_found" } : {}) });
    },
    send: sendPiece,
    drop: (upload) => ask(upload.url, { method: "DELETE" }),
    pause: (ms) =>
      new Promise((resolve) => {
        const done = (): void => {
          window.clearTimeout(timer);
          window.removeEventListener("online", done);
          resolve();
        };
        const timer = window.setTimeout(done, ms);
        window.addEventListener("online", done);
      }),
  };
}

/** One piece by XMLHttpRequest, which tells how much has gone; resolves with the server's offset after it. */
function sendPiece(upload: Upload, at: number, piece: Blob, progress: (bytes: number) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("PATCH", address(upload.url));
    for (const [name, value] of Object.entries(ownHeaders("PATCH"))) xhr.setRequestHeader(name, value);
    xhr.setRequestHeader("Upload-Offset", String(at));
    xhr.setRequestHeader("Content-Type", "application/offset+octet-stream");
    xhr.upload.addEventListener("progress", (event) => progress(event.loaded));
    xhr.addEventListener("load", () => {
      if (xhr.status === 401 || xhr.responseURL.includes("/accounts/login")) {
        document.dispatchEvent(new CustomEvent("sign-in-needed"));
        reject(new Refusal({ ...problemFrom(401, ""), code: "sign_in_required" }));
        return;
      }
      const offset = Number(xhr.getResponseHeader("Upload-Offset") ?? NaN);
      // A repeated piece is answered without headers: it ends where it ends.
      if (xhr.status >= 200 && xhr.status < 300) resolve(Number.isInteger(offset) ? offset : at + piece.size);
      else reject(new Refusal(problemFrom(xhr.status, xhr.responseText)));
    });
    xhr.addEventListener("error", () => reject(new Refusal(problemFrom(0, ""))));
    xhr.addEventListener("timeout", () => reject(new Refusal(problemFrom(0, ""))));
    xhr.timeout = 120_000;
    xhr.send(piece);
  });
}
