/** Who else is here: presence, cursors, selections, who is writing what, whom I follow. Nothing of it is in the log. */

import type { Ephemeral, Who } from "../realtime/protocol";
import type { Directory } from "./directory";
import type { Signals } from "./signals";

export interface Person {
  conn: string;
  user: number;
  name: string;
  dept: string | null;
  at: [number, number] | null;
  selection: readonly string[];
  tool: string;
  view: readonly [number, number, number, number] | null;
  edit: string | null;
  seen: number;
  /** The last call of this person ("bring everyone here") that was told. */
  called: unknown;
}

const CURSOR_MS = 15_000;

export class Together {
  /** Everybody but this page, by connection. */
  readonly people = new Map<string, Person>();
  following: string | null = null;
  /** Called with the view of the person followed. */
  onFollow: (view: readonly [number, number, number, number]) => void = () => undefined;
  onMove: () => void = () => undefined;
  /** Somebody asks everybody to look where he looks. */
  onCall: (person: Person) => void = () => undefined;

  readonly #directory: Directory;
  readonly #signals: Signals;

  constructor(directory: Directory, signals: Signals) {
    this.#directory = directory;
    this.#signals = signals;
  }

  presence(kind: "join" | "leave" | "list", who: readonly Who[], own: string | null): void {
    if (kind === "list") {
      const here = new Set(who.map((one) => one.conn));
      for (const conn of this.people.keys()) if (!here.has(conn)) this.#leave(conn);
    }
    for (const one of who) {
      this.#directory.learnPerson(one.user, one.name);
      if (one.conn === own) continue;
      if (kind === "leave") this.#leave(one.conn);
      else this.#person(one.conn, one);
    }
    this.#signals.tell("people");
  }

  ephemeral(list: readonly Ephemeral[], own: string | null): void {
    for (const one of list) {
      if (one.conn === own) continue;
      const person = this.#person(one.conn, { user: one.user ?? 0 });
      const before = [person.selection.join(), person.edit].join("|");
      if (typeof one.x === "number" && typeof one.y === "number") person.at = [one.x, one.y];
      if (one.sel !== undefined) person.selection = Array.isArray(one.sel) ? one.sel : one.sel ? [one.sel] : [];
      person.tool = one.tool ?? person.tool;
      person.edit = one.edit ?? null;
      if (one.view) person.view = one.view;
      person.seen = Date.now();
      if ([person.selection.join(), person.edit].join("|") !== before) this.#signals.tell("people");
      if (this.following === one.conn && one.view) this.onFollow(one.view);
      if (one.call && one.call !== person.called && person.view) {
        person.called = one.call;
        this.onCall(person);
      }
    }
    this.onMove();
  }

  /** Everyone left: the line is down, and what is shown would be old. */
  clear(): void {
    if (this.people.size === 0) return;
    this.people.clear();
    this.unfollow();
    this.onMove();
    this.#signals.tell("people");
  }

  follow(conn: string): void {
    const person = this.people.get(conn);
    if (!person) return;
    this.following = conn;
    if (person.view) this.onFollow(person.view);
    this.#signals.tell("people");
  }

  unfollow(): void {
    if (this.following === null) return;
    this.following = null;
    this.#signals.tell("people");
  }

  /** Connections whose cursor is fresh enough to be shown. */
  get cursors(): Person[] {
    const now = Date.now();
    return [...this.people.values()].filter((person) => person.at && now - person.seen < CURSOR_MS);
  }

  /** Who has a mark selected, if anybody. */
  holderOf(obj: string): Person | null {
    for (const person of this.people.values()) if (person.selection.includes(obj)) return person;
    return null;
  }

  editorOf(obj: string): Person | null {
    for (const person of this.people.values()) if (person.edit === obj) return person;
    return null;
  }

  #person(conn: string, who: { user: number; name?: string; dept?: string | null }): Person {
    let person = this.people.get(conn);
    if (!person) {
      person = { conn, user: who.user, name: who.name ?? this.#directory.personName(who.user), dept: who.dept ?? null, at: null, selection: [], tool: "", view: null, edit: null, seen: 0, called: null };
      this.people.set(conn, person);
    }
    if (who.name) person.name = who.name;
    if (who.dept !== undefined) person.dept = who.dept;
    return person;
  }

  #leave(conn: string): void {
    this.people.delete(conn);
    if (this.following === conn) this.unfollow();
    this.onMove();
  }
}
