/** The pending queue on disk (IndexedDB), so that marks made offline survive a closed tab. Emptied at sign-out by `forgetAll`. */

import type { PendingOp } from "./protocol";

const DATABASE = "lianshen-review";
const STORE = "pending";
const DRAFTS = "drafts";

/** A text that the server refused; kept until the person uses or discards it. */
export interface Draft {
  id: string;
  obj: string;
  text: string;
  why: string;
  made: number;
}

export interface PendingQueue {
  /** False when nothing survives a closed tab, so that the page can say so. */
  readonly durable: boolean;
  all(): Promise<PendingOp[]>;
  put(op: PendingOp): Promise<void>;
  remove(cid: string): Promise<void>;
  drafts(): Promise<Draft[]>;
  keepDraft(draft: Draft): Promise<void>;
  dropDraft(id: string): Promise<void>;
}

/** Keeps the queue in memory only: tests, and browsers that refuse IndexedDB (private windows). */
export class MemoryQueue implements PendingQueue {
  readonly durable = false;
  readonly #ops = new Map<string, PendingOp>();
  readonly #drafts = new Map<string, Draft>();

  all(): Promise<PendingOp[]> {
    return Promise.resolve([...this.#ops.values()]);
  }
  put(op: PendingOp): Promise<void> {
    this.#ops.set(op.cid, structuredClone(op));
    return Promise.resolve();
  }
  remove(cid: string): Promise<void> {
    this.#ops.delete(cid);
    return Promise.resolve();
  }
  drafts(): Promise<Draft[]> {
    return Promise.resolve([...this.#drafts.values()]);
  }
  keepDraft(draft: Draft): Promise<void> {
    this.#drafts.set(draft.id, draft);
    return Promise.resolve();
  }
  dropDraft(id: string): Promise<void> {
    this.#drafts.delete(id);
    return Promise.resolve();
  }
}

interface Row {
  key: string;
  owner: string;
  sheet: string;
  n: number;
  value: PendingOp | Draft;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("indexeddb"));
  });
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    for (const name of [STORE, DRAFTS]) {
      const store = request.result.createObjectStore(name, { keyPath: "key" });
      store.createIndex("place", ["owner", "sheet", "n"]);
    }
  };
  return settled(request);
}

class DiskQueue implements PendingQueue {
  readonly durable = true;
  readonly #db: IDBDatabase;
  readonly #owner: string;
  readonly #sheet: string;
  #n = Date.now() * 1000;

  constructor(db: IDBDatabase, owner: string, sheet: string) {
    this.#db = db;
    this.#owner = owner;
    this.#sheet = sheet;
    db.onversionchange = () => db.close();
  }

  async #values<T>(store: string): Promise<T[]> {
    const range = IDBKeyRange.bound([this.#owner, this.#sheet, 0], [this.#owner, this.#sheet, Number.MAX_SAFE_INTEGER]);
    const rows = await settled(this.#db.transaction(store).objectStore(store).index("place").getAll(range));
    return (rows as Row[]).map((row) => row.value as T);
  }

  #write(store: string, act: (store: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.#db.transaction(store, "readwrite", { durability: "strict" });
      act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("indexeddb"));
    });
  }

  #key(id: string): string {
    return `${this.#owner}\n${this.#sheet}\n${id}`;
  }

  #put(store: string, id: string, value: PendingOp | Draft): Promise<void> {
    const row: Row = { key: this.#key(id), owner: this.#owner, sheet: this.#sheet, n: this.#n++, value };
    return this.#write(store, (open) => open.put(row));
  }

  all(): Promise<PendingOp[]> {
    return this.#values<PendingOp>(STORE);
  }
  put(op: PendingOp): Promise<void> {
    return this.#put(STORE, op.cid, op);
  }
  remove(cid: string): Promise<void> {
    return this.#write(STORE, (store) => store.delete(this.#key(cid)));
  }
  drafts(): Promise<Draft[]> {
    return this.#values<Draft>(DRAFTS);
  }
  keepDraft(draft: Draft): Promise<void> {
    return this.#put(DRAFTS, draft.id, draft);
  }
  dropDraft(id: string): Promise<void> {
    return this.#write(DRAFTS, (store) => store.delete(this.#key(id)));
  }
}

/** The queue of one person on one sheet; falls back to memory where the browser stores nothing. */
export async function openQueue(owner: string, sheet: string): Promise<PendingQueue> {
  if (typeof indexedDB === "undefined") return new MemoryQueue();
  try {
    return new DiskQueue(await open(), owner, sheet);
  } catch {
    return new MemoryQueue();
  }
}

/** Number of ops of this person that wait on this machine, over all sheets: the sign-out page warns with it. */
export async function countWaiting(): Promise<number> {
  if (typeof indexedDB === "undefined") return 0;
  try {
    const db = await open();
    const count = await settled(db.transaction(STORE).objectStore(STORE).count());
    db.close();
    return count;
  } catch {
    return 0;
  }
}

/** Removes every queued op and draft from this machine: called at sign-out, so that the next person finds nothing. */
export function forgetAll(): Promise<void> {
  if (typeof indexedDB === "undefined") return Promise.resolve();
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(DATABASE);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}
