/** Protocol review.v1: the frames between this page and `/ws/sheets/{uuid}/` (JSON text frames, `t` = type). */

export const SUBPROTOCOL = "review.v1";

/** Kinds of op that a person sends. */
export type UserKind = "create" | "patch" | "delete" | "restore" | "reply" | "resolve" | "reopen";

/** Kinds that the system writes into the same log: state of the sheet, citation of a mark, permissions, signature. */
export type SystemKind =
  | "sheet.open"
  | "sheet.freeze"
  | "sheet.thaw"
  | "sheet.revise"
  | "cite"
  | "uncite"
  | "perm.grant"
  | "perm.revoke"
  | "sign";

export type SheetState = "draft" | "open" | "frozen" | "signed";

/** Changed fields of a mark, text of a reply, facts of a system op. Its content is always untrusted. */
export type Payload = Record<string, unknown>;

/** One entry of the log of a sheet, as the server wrote it. `seq` has no gaps. */
export interface Op {
  seq: number;
  cid: string | null;
  k: UserKind | SystemKind | string;
  obj: string | null;
  ver: number | null;
  by: Author | null;
  dept: string | null;
  at: string;
  p: Payload;
}

/** Who wrote an op: the id of a person; null in an op of the system. */
export type Author = number;

/** One op of this page that the server has not confirmed. */
export interface PendingOp {
  cid: string;
  k: UserKind;
  obj: string;
  base: number | null;
  p: Payload;
  /** Milliseconds since 1970 when the person did it; used for showing only. */
  made: number;
  /** Set when the ack came before the `ops` frame that carries it. */
  acked?: { seq: number; ver: number };
}

/** What goes over the wire of a pending op. */
export function wireOp(op: PendingOp): Record<string, unknown> {
  const { cid, k, obj, base, p } = op;
  return { cid, k, obj, base, p };
}

export type NackCode =
  | "forbidden"
  | "frozen"
  | "cited"
  | "stale"
  | "deleted"
  | "exists"
  | "not_found"
  | "not_owner"
  | "invalid"
  | "rate"
  | "retry";

/** What the server holds of an object, sent with a nack and in a snapshot. */
export interface ObjectRecord {
  obj: string;
  ver: number;
  deleted?: boolean;
  cited?: boolean;
  by?: Author | null;
  dept?: string | null;
  at?: string;
  p?: Payload;
  thread?: Payload[];
  resolved?: boolean;
}

export interface Limits {
  op_bytes: number;
  eph_hz: number;
}

export interface Who {
  conn: string;
  user: number;
  name?: string;
  dept?: string | null;
  role?: string;
}

/** A cursor and selection of one connection; never in the log. */
export interface Ephemeral {
  conn: string;
  user?: number;
  x?: number;
  y?: number;
  sel?: string[];
  tool?: string;
  view?: [number, number, number, number];
  edit?: string | null;
  call?: unknown;
}

export type ServerFrame =
  | {
      t: "welcome";
      v: number;
      conn: string;
      epoch: string;
      head: number;
      role: string | null;
      can: string[];
      state: SheetState;
      limits: Limits;
    }
  | { t: "ops"; from: number; ops: Op[] }
  | { t: "ack"; cid: string; seq: number; ver: number; dup?: boolean }
  | { t: "nack"; cid: string; code: NackCode; cur?: ObjectRecord | null; retry?: number | boolean; msg?: string; next?: string }
  | { t: "resync"; url?: string; head: number; why?: string }
  | { t: "eph"; list: Ephemeral[] }
  | { t: "presence"; k: "join" | "leave" | "list"; who: Who[] }
  | { t: "err"; code: string; msg: string }
  | { t: "pong"; n?: number };

export interface Snapshot {
  epoch: string;
  head: number;
  state: SheetState;
  objects: ObjectRecord[];
  /** Names of those who wrote marks and replies, by person id. */
  people?: Record<string, string>;
}

/** How the page reacts to a close code: try again, load the snapshot first, or stop for good. */
export type CloseVerdict = "again" | "snapshot" | "stop";

const FATAL = new Set([4400, 4401, 4403, 4404, 4413]);

/** Reads a close code. Everything that is not named as final is tried again, so that a proxy's odd code never strands anybody. */
export function closeVerdict(code: number): CloseVerdict {
  if (FATAL.has(code)) return "stop";
  return code === 4409 ? "snapshot" : "again";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOp(value: unknown): value is Op {
  return isRecord(value) && Number.isSafeInteger(value["seq"]) && typeof value["k"] === "string";
}

/** Parses one text frame; null for anything that is not a frame of this protocol. */
export function parseFrame(text: string): ServerFrame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(frame)) return null;
  switch (frame["t"]) {
    case "ops":
      if (!Array.isArray(frame["ops"]) || !frame["ops"].every(isOp)) return null;
      break;
    case "ack":
      if (typeof frame["cid"] !== "string" || !Number.isSafeInteger(frame["seq"])) return null;
      break;
    case "nack":
      if (typeof frame["cid"] !== "string" || typeof frame["code"] !== "string") return null;
      break;
    case "welcome":
      if (typeof frame["epoch"] !== "string" || !Number.isSafeInteger(frame["head"])) return null;
      break;
    case "eph":
      if (!Array.isArray(frame["list"])) return null;
      break;
    case "presence":
      if (!Array.isArray(frame["who"])) return null;
      break;
    case "resync":
    case "err":
    case "pong":
      break;
    default:
      return null;
  }
  return frame as unknown as ServerFrame;
}

/** System facts after which a page must ask anew what it may do. */
export const CHANGES_RIGHTS: ReadonlySet<string> = new Set([
  "sheet.open",
  "sheet.freeze",
  "sheet.thaw",
  "sheet.revise",
  "perm.grant",
  "perm.revoke",
  "sign",
]);
