/** A mark (批注) on a sheet and what one op does to it. Pure: the same function serves the server's log and the optimistic view. */

import type { Author, ObjectRecord, Payload, SheetState } from "./protocol";

export type Tool =
  | "cloud"
  | "arrow"
  | "line"
  | "polygon"
  | "rect"
  | "ellipse"
  | "freehand"
  | "text"
  | "stamp"
  | "count"
  | "measure";

/** One entry of a mark's thread. */
export interface Reply {
  seq: number;
  by: Author | null;
  dept: string | null;
  at: string;
  text: string;
  mentions: readonly number[];
}

export interface Mark {
  obj: string;
  ver: number;
  deleted: boolean;
  resolved: boolean;
  /** Cited by an opinion: it may not be changed any more. */
  cited: boolean;
  by: Author | null;
  dept: string | null;
  at: string;
  p: Payload;
  thread: readonly Reply[];
  /** True while any change of it is not confirmed. */
  unsaved: boolean;
}

/** What `applyTo` needs of an op; a pending one has no `seq` and no `ver` yet. */
export interface Change {
  seq: number | null;
  k: string;
  obj: string | null;
  ver: number | null;
  by: Author | null;
  dept: string | null;
  at: string;
  p: Payload;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function people(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((id): id is number => Number.isSafeInteger(id)) : [];
}

/** The fields after a patch: changed ones replace the old, null takes a field away. */
export function mergeFields(old: Payload, changed: Payload): Payload {
  const merged: Payload = { ...old };
  for (const [key, value] of Object.entries(changed)) {
    if (value === null) delete merged[key];
    else merged[key] = value;
  }
  return merged;
}

/** The version after an op: every change counts one, a reply none. */
function versionAfter(mark: Mark | undefined, change: Change): number {
  if (change.ver !== null) return change.ver;
  if (!mark) return 1;
  return change.k === "reply" ? mark.ver : mark.ver + 1;
}

/**
 * The mark after one change, or undefined when there is nothing to change. The input is never modified.
 * The same meaning as `drawings.rules.fold` of the server; both are held to the same vectors.
 */
export function applyTo(mark: Mark | undefined, change: Change): Mark | undefined {
  const ver = versionAfter(mark, change);
  const unsaved = change.seq === null;
  if (change.k === "create") {
    if (change.obj === null) return mark;
    return {
      obj: change.obj,
      ver,
      deleted: false,
      resolved: false,
      cited: false,
      by: change.by,
      dept: change.dept,
      at: change.at,
      p: mergeFields({}, change.p),
      thread: [],
      unsaved,
    };
  }
  if (!mark) return undefined;
  const next: Mark = { ...mark, ver, unsaved: mark.unsaved || unsaved };
  switch (change.k) {
    case "patch":
      next.p = mergeFields(mark.p, change.p);
      break;
    case "delete":
    case "restore":
      next.deleted = change.k === "delete";
      break;
    case "resolve":
    case "reopen":
      next.resolved = change.k === "resolve";
      break;
    case "cite":
    case "uncite":
      next.cited = change.k === "cite";
      break;
    case "reply":
      next.thread = [...mark.thread, replyOf(change)];
      break;
  }
  return next;
}

function replyOf(change: Change): Reply {
  return {
    seq: change.seq ?? 0,
    by: change.by,
    dept: change.dept,
    at: change.at,
    text: text(change.p["text"]),
    mentions: people(change.p["mentions"]),
  };
}

/** A mark from the record of a snapshot or of a nack. */
export function markFromRecord(record: ObjectRecord): Mark {
  return {
    obj: record.obj,
    ver: record.ver,
    deleted: record.deleted === true,
    resolved: record.resolved === true,
    cited: Boolean(record.cited),
    by: record.by ?? null,
    dept: record.dept ?? null,
    at: record.at ?? "",
    p: { ...(record.p ?? {}) },
    thread: (record.thread ?? []).map((reply) => ({
      seq: Number(reply["seq"] ?? 0),
      by: (reply["by"] as Author | undefined) ?? null,
      dept: text(reply["dept"]) || null,
      at: text(reply["at"]),
      text: text(reply["text"]),
      mentions: people(reply["mentions"]),
    })),
    unsaved: false,
  };
}

/** The state of the sheet after an op; only system ops change it. */
export function stateAfter(state: SheetState, kind: string, p: Payload): SheetState {
  switch (kind) {
    case "sheet.open":
    case "sheet.thaw":
      return "open";
    case "sheet.freeze":
    case "sheet.revise":
      return "frozen";
    case "sign":
      return p["final"] ? "signed" : state; // a department's own signature leaves the sheet open for the others
    default:
      return state;
  }
}
