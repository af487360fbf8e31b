/** Round, tasks, sheets and opinions around this sheet, from the API; refreshed when the log says so and every while. */

import { ask, Refusal } from "../site/requests";
import type { Box } from "../drawing/manifest";
import type { Config } from "./config";
import type { Directory } from "./directory";
import type { ClauseRecord, OpinionRecord, RoundRecord, SheetRecord, TaskRecord } from "./records";
import type { Signals } from "./signals";

const EVERY_MS = 20_000;
const SOON_MS = 400;

export interface NewOpinion {
  task_id: string;
  sheet_id: string | null;
  marks: string[];
  region: Box | null;
  cls: string;
  clause_code: string | null;
  text: string;
  demand: string | null;
  late_reason: string | null;
}

/** Changed words of a draft opinion; `version` is the one that was seen. */
export interface OpinionWords {
  cls: string;
  clause_code: string | null;
  text: string;
  demand: string | null;
  version: number | undefined;
}

/** Numbers of opinions that say the same as the one being written, and of those that ask for the contrary. */
export interface Similar {
  duplicates: number[];
  contradicts: number[];
}

export class Catalogue {
  round: RoundRecord | null = null;
  opinions: OpinionRecord[] = [];
  /** True once the round and its opinions were read. */
  loaded = false;
  /** Set when they could not be read; the panel says so and offers to try again. */
  failed: unknown = null;

  readonly #roundId: string | null;
  readonly #directory: Directory;
  readonly #signals: Signals;
  readonly #byMark = new Map<string, OpinionRecord>();
  #timer = 0;

  constructor(config: Config, sheet: SheetRecord, directory: Directory, signals: Signals) {
    this.#roundId = config.round ?? sheet.round_id;
    this.#directory = directory;
    this.#signals = signals;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.refresh();
    });
  }

  /** True when the round is not for this person (an applicant before the notice). */
  get isShut(): boolean {
    return this.failed instanceof Refusal && (this.failed.problem.status === 403 || this.failed.problem.status === 404);
  }

  get hasRound(): boolean {
    return this.#roundId !== null;
  }

  /** Tasks of this person's department that may still raise opinions. */
  get raisable(): TaskRecord[] {
    return (this.round?.tasks ?? []).filter((task) => task.can.includes("raise"));
  }

  get mine(): TaskRecord[] {
    return (this.round?.tasks ?? []).filter((task) => task.mine);
  }

  opinionOfMark(obj: string): OpinionRecord | null {
    return this.#byMark.get(obj) ?? null;
  }

  async refresh(): Promise<void> {
    window.clearTimeout(this.#timer);
    if (this.#roundId === null) {
      this.loaded = true;
      this.#signals.tell("round");
      return;
    }
    try {
      const [round, opinions] = await Promise.all([
        ask<RoundRecord>(`/api/v1/rounds/${this.#roundId}`),
        ask<OpinionRecord[] | { items: OpinionRecord[] }>(`/api/v1/rounds/${this.#roundId}/opinions`),
      ]);
      this.round = round;
      this.opinions = Array.isArray(opinions) ? opinions : opinions.items;
      this.#byMark.clear();
      for (const opinion of this.opinions) if (opinion.state !== "withdrawn") for (const obj of opinion.marks) this.#byMark.set(obj, opinion);
      this.failed = null;
      this.loaded = true;
      this.#directory.learnRound(round);
      for (const opinion of this.opinions) this.#directory.learnDepartment(opinion.department);
    } catch (error) {
      this.failed = error;
    }
    this.#signals.tell("round");
    this.#signals.tell("opinions");
    this.#signals.tell("marks"); // numbers and colours may have changed
    if (this.isShut) return;
    this.#timer = window.setTimeout(() => {
      if (!document.hidden) void this.refresh();
    }, EVERY_MS);
  }

  opinionsChanged(): void {
    this.#soon();
  }

  sheetChanged(): void {
    this.#soon();
  }

  #soon(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.refresh(), SOON_MS);
  }

  async raise(opinion: NewOpinion, key: string): Promise<void> {
    await ask(`/api/v1/rounds/${this.#roundId}/opinions`, { body: opinion, key });
    await this.refresh();
  }

  async edit(id: string, words: OpinionWords, key: string): Promise<void> {
    await ask(`/api/v1/opinions/${id}`, { method: "PATCH", body: words, key });
    await this.refresh();
  }

  similar(draft: Omit<NewOpinion, "marks" | "late_reason">, signal: AbortSignal): Promise<Similar> {
    return ask<Similar>(`/api/v1/rounds/${this.#roundId}/similar`, { body: draft, signal });
  }

  async join(id: string, task: string): Promise<void> {
    await ask(`/api/v1/opinions/${id}/join`, { body: { task_id: task } });
    await this.refresh();
  }

  async confirmPlace(id: string): Promise<void> {
    await ask(`/api/v1/opinions/${id}/anchor`, { body: {} });
    await this.refresh();
  }

  async openConflict(first: string, second: string, reason: string): Promise<void> {
    await ask(`/api/v1/rounds/${this.#roundId}/conflicts`, { body: { first, second, reason } });
    await this.refresh();
  }

  async withdraw(id: string): Promise<void> {
    await ask(`/api/v1/opinions/${id}/withdraw`, { method: "POST", body: {} });
    await this.refresh();
  }

  async recheck(id: string, result: "accept" | "keep" | "partly", text: string): Promise<void> {
    await ask(`/api/v1/opinions/${id}/recheck`, { body: { result, text } });
    await this.refresh();
  }

  /** Moves a task: claimed by the first reviewer, handed over to the approver, taken back. */
  async moveTask(task: string, act: "claim" | "hand-over" | "take-back"): Promise<void> {
    await ask(`/api/v1/tasks/${task}/${act}`, { method: "POST", body: {} });
    await this.refresh();
  }

  async sign(task: string, conclusion: string, remark: string, key: string): Promise<void> {
    await ask(`/api/v1/tasks/${task}/sign`, { body: { conclusion, remark }, key });
    await this.refresh();
  }

  async clauses(words: string, signal: AbortSignal): Promise<ClauseRecord[]> {
    const answer = await ask<ClauseRecord[] | { items: ClauseRecord[] }>(`/api/v1/clauses?q=${encodeURIComponent(words)}`, { signal });
    return Array.isArray(answer) ? answer : answer.items;
  }
}
