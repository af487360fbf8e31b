/** What a room is put together from, and what it tells the page. */

import type { Backoff } from "./backoff";
import type { Refusal, Self } from "./log";
import type { Ephemeral, Op, Who } from "./protocol";
import type { PendingQueue } from "./queue";
import type { Twin } from "./twin";

/**
 * connecting: nothing known yet · live: socket open and caught up · unsteady: open, but no answer in time · offline: waiting to
 * try again · polling: no socket, HTTP works · stopped: the server said no for good (`stopCode`).
 */
export type Link = "connecting" | "live" | "unsteady" | "offline" | "polling" | "stopped";

export interface RoomEvents {
  /** The link or the number of unsaved ops changed. */
  status(): void;
  /** Marks that changed, with the ops that others wrote. */
  marks(changed: ReadonlySet<string>, ops: readonly Op[]): void;
  refused(refusal: Extract<Refusal, { then: "dropped" }>): void;
  presence(kind: "join" | "leave" | "list", who: readonly Who[]): void;
  ephemeral(list: readonly Ephemeral[]): void;
  /** Names by person id, as the snapshot gives them. */
  people?(names: Readonly<Record<string, string>>): void;
}

/** The part of a WebSocket that the room uses; tests put their own in its place. */
export interface Socket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number): void;
  // Methods, so that a WebSocket, whose handlers take more than is used here, fits too.
  onopen: { bivariant(event: unknown): void }["bivariant"] | null;
  onmessage: { bivariant(event: { data: unknown }): void }["bivariant"] | null;
  onclose: { bivariant(event: { code: number }): void }["bivariant"] | null;
}

export interface RoomParts {
  url: string;
  self: Self;
  twin: Twin;
  queue: PendingQueue;
  openSocket(url: string, protocol: string): Socket;
  backoff?: Backoff;
}
