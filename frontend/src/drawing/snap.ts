/** The snap service of a sheet: asks the worker, one question at a time of each kind, the newest wins. */

import type { LineChunk } from "./chunk";
import type { PickHit, SnapHit } from "./snap_index";
import type { SnapRequest } from "./snap.worker";

interface Question {
  resolve(hit: SnapHit | PickHit | null): void;
}

export class SnapService {
  readonly #worker: Worker;
  readonly #open = new Map<number, Question>();
  #next = 1;

  constructor() {
    this.#worker = new Worker(new URL("./snap.worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<{ id: number; hit: SnapHit | PickHit | null }>) => {
      this.#open.get(event.data.id)?.resolve(event.data.hit);
      this.#open.delete(event.data.id);
    };
    this.#worker.onerror = () => {
      for (const question of this.#open.values()) question.resolve(null);
      this.#open.clear();
    };
  }

  /** Copies the chunk to the worker; the page keeps its own for drawing. */
  add(chunk: LineChunk): void {
    const { bbox, origin, file, role } = chunk.record;
    this.#post({ t: "chunk", file, chunk: { bbox, role, origin, xy: chunk.xy, start: chunk.start, entity: chunk.entity } });
  }

  setVisible(visible: Uint8Array, dashed: Uint8Array): void {
    this.#post({ t: "visible", visible, dashed });
  }

  snap(x: number, y: number, reach: number): Promise<SnapHit | null> {
    return this.#ask("snap", x, y, reach) as Promise<SnapHit | null>;
  }

  pick(x: number, y: number, reach: number): Promise<PickHit | null> {
    return this.#ask("pick", x, y, reach) as Promise<PickHit | null>;
  }

  close(): void {
    this.#worker.terminate();
  }

  #ask(t: "snap" | "pick", x: number, y: number, reach: number): Promise<SnapHit | PickHit | null> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#open.set(id, { resolve });
      this.#post({ t, id, x, y, reach });
    });
  }

  #post(request: SnapRequest): void {
    this.#worker.postMessage(request);
  }
}
