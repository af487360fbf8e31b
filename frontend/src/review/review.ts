/** The state of the review canvas and the acts on it. Panels and tools read it, call its acts, and listen to its signals. */

import type { SheetDrawing } from "../drawing/sheet_drawing";
import { Room } from "../realtime/client";
import { newId } from "../realtime/ids";
import type { Refusal } from "../realtime/log";
import type { Mark, Tool } from "../realtime/marks";
import type { Op, Payload } from "../realtime/protocol";
import { openQueue, type Draft, type PendingQueue } from "../realtime/queue";
import { httpTwin } from "../realtime/twin";
import { t } from "../site/language";
import { prefix } from "../site/requests";
import { toast } from "../site/toasts";
import { Catalogue } from "./catalogue";
import type { Config } from "./config";
import { Directory } from "./directory";
import { matches, NO_FILTER, type Filter } from "./filter";
import { History, type Step } from "./history";
import { joinBoxes, moveBy, type Geometry } from "./geometry";
import { viewOf, type MarkView } from "./mark_view";
import type { SheetRecord } from "./records";
import { refusalText, whyNot, type Act, type Standing } from "./rights";
import { Signals } from "./signals";
import type { Scale } from "./scale";
import { Together } from "./together";
import type { ToolName } from "./tools/kinds";

/** A mark refused because a colleague changed it meanwhile: the person chooses. */
export interface Conflict {
  mine: Payload;
  theirs: Mark;
}

const WAITING_MS = 1_500;

export class Review {
  readonly config: Config;
  readonly sheet: SheetRecord;
  readonly drawing: SheetDrawing;
  readonly signals = new Signals();
  readonly directory: Directory;
  readonly room: Room;
  readonly history = new History();
  readonly catalogue: Catalogue;
  readonly together: Together;
  readonly queue: PendingQueue;
  /** Marks that can be drawn and match the filter, by id. */
  readonly shown = new Map<string, MarkView>();
  readonly selection = new Set<string>();
  hovered: string | null = null;
  tool: ToolName = "select";
  stamp = "";
  width = 2;
  opacity = 1;
  snapping = true;
  filter: Filter = NO_FILTER;
  drafts: Draft[] = [];
  /** Mark whose text is being written here. */
  editing: string | null = null;
  onConflict: (conflict: Conflict) => void = () => undefined;
  onForeignEdit: (view: MarkView) => void = () => undefined;

  readonly #views = new Map<string, MarkView>();
  /** Who changed a mark last, and when, as far as this page has heard. */
  readonly lastChange = new Map<string, { by: number | null; at: string }>();
  /** While a sitting is played back: the marks as they were then. */
  #past: ReadonlyMap<string, Mark> | null = null;
  #pastViews = new WeakMap<Mark, MarkView>();

  private constructor(config: Config, sheet: SheetRecord, drawing: SheetDrawing, queue: PendingQueue) {
    this.config = config;
    this.sheet = sheet;
    this.drawing = drawing;
    this.queue = queue;
    this.directory = new Directory(config.me);
    this.catalogue = new Catalogue(config, sheet, this.directory, this.signals);
    this.together = new Together(this.directory, this.signals);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.room = new Room(
      {
        url: `${scheme}//${location.host}${prefix()}/ws/sheets/${sheet.id}/`,
        self: { by: config.me.id, dept: config.me.dept },
        twin: httpTwin(`/api/v1/sheets/${sheet.id}`),
        queue,
        openSocket: (url, protocol) => new WebSocket(url, protocol),
      },
      {
        status: () => this.signals.tell("status"),
        marks: (changed, ops) => this.#marksChanged(changed, ops),
        refused: (refusal) => void this.#refused(refusal),
        presence: (kind, who) => this.together.presence(kind, who, this.room.conn),
        ephemeral: (list) => this.together.ephemeral(list, this.room.conn),
        people: (names) => {
          for (const [id, name] of Object.entries(names)) this.directory.learnPerson(Number(id), name);
        },
      },
    );
    this.stamp = t("已阅", "Seen");
  }

  static async open(config: Config, sheet: SheetRecord, drawing: SheetDrawing): Promise<Review> {
    const owner = document.body.dataset["person"] || String(config.me.id ?? "");
    return new Review(config, sheet, drawing, await openQueue(owner, sheet.id));
  }

  async start(): Promise<void> {
    this.drafts = await this.queue.drafts().catch(() => []);
    this.signals.tell("drafts");
    await this.room.start();
  }

  /** Metres of the real thing in one drawing unit. */
  get scale(): Scale {
    return this.sheet.scale ?? this.drawing.manifest.units.metres_per_unit;
  }

  get standing(): Standing {
    return { person: this.config.me.id, dept: this.config.me.dept, state: this.room.log.state, can: this.room.can };
  }

  mark(obj: string): Mark | undefined {
    return this.room.log.view.get(obj);
  }

  view(obj: string): MarkView | undefined {
    return this.#views.get(obj);
  }

  /** All marks, tombstones included, newest first. */
  get marks(): Mark[] {
    return [...this.room.log.view.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.obj < b.obj ? 1 : -1));
  }

  whyNot(act: Act, mark: Mark | null): string | null {
    if (this.#past) return t("正在回放，结束回放后再批注。", "This is a replay; end it to mark.");
    return whyNot(act, mark, this.standing, (code) => this.directory.departmentName(code));
  }

  // ---- what is chosen -------------------------------------------------------------------------------------------

  select(objs: Iterable<string>): void {
    this.selection.clear();
    for (const obj of objs) this.selection.add(obj);
    this.signals.tell("selection");
  }

  toggle(obj: string): void {
    if (!this.selection.delete(obj)) this.selection.add(obj);
    this.signals.tell("selection");
  }

  hover(obj: string | null): void {
    if (this.hovered === obj) return;
    this.hovered = obj;
    this.signals.tell("selection");
  }

  setTool(tool: ToolName): void {
    // Measuring is for everybody; without the right to mark, the figure stays on this screen only.
    if (tool !== "select" && tool !== "measure") {
      const why = this.whyNot("create", null);
      if (why && this.room.link !== "connecting") {
        toast(why, "amber");
        return;
      }
    }
    this.tool = tool;
    this.signals.tell("tool");
  }

  setFilter(change: Partial<Filter>): void {
    this.filter = { ...this.filter, ...change };
    this.#refilter();
    this.signals.tell("filter");
  }

  get selected(): MarkView[] {
    return [...this.selection].flatMap((obj) => this.#views.get(obj) ?? []);
  }

  get selectedBox(): ReturnType<typeof joinBoxes> {
    return joinBoxes(this.selected.map((view) => view.box));
  }

  // ---- acts -----------------------------------------------------------------------------------------------------

  /** Draws a new mark; returns its id, or null with the reason said. */
  create(tool: Tool, geom: Geometry, text = ""): string | null {
    const why = this.whyNot("create", null);
    if (why) {
      toast(why, "amber");
      return null;
    }
    const p: Payload = { tool, geom };
    if (text !== "") p["text"] = text;
    const style = { ...(this.width !== 2 ? { width: this.width } : {}), ...(this.opacity !== 1 ? { opacity: this.opacity } : {}) };
    if (Object.keys(style).length > 0) p["style"] = style;
    if (tool === "measure" && this.scale !== null) p["scale"] = this.scale;
    const obj = newId();
    this.#write([{ k: "create", obj, p }]);
    return obj;
  }

  /** Writes steps that belong together; what the person may not do is said and left out. */
  act(steps: readonly Step[], base?: number): boolean {
    const names: Record<string, Act> = { create: "create", patch: "edit", delete: "delete", restore: "restore", reply: "reply", resolve: "resolve", reopen: "reopen" };
    const allowed: Step[] = [];
    let refusal: string | null = null;
    for (const step of steps) {
      const why = this.whyNot(names[step.k] ?? "edit", this.mark(step.obj) ?? null);
      if (why) refusal = why;
      else allowed.push(step);
    }
    if (refusal) toast(refusal, "amber");
    if (allowed.length > 0) this.#write(allowed, base);
    return allowed.length > 0;
  }

  /** Changes fields; `base`: the version the person saw, when it is not the one of now, so that the server asks yours or theirs. */
  patch(obj: string, p: Payload, base?: number): boolean {
    const mark = this.mark(obj);
    if (mark && Object.entries(p).every(([key, value]) => JSON.stringify(mark.p[key] ?? null) === JSON.stringify(value ?? null))) return false;
    return this.act([{ k: "patch", obj, p }], base);
  }

  remove(objs: Iterable<string>): void {
    const steps = [...objs].map((obj): Step => ({ k: "delete", obj, p: {} }));
    if (steps.length === 0 || !this.act(steps)) return;
    this.select([]);
    toast(t("已删除 {n} 条批注", "{n} {n|mark|marks} deleted", { n: steps.length }), "blue", { undo: () => this.undo() });
  }

  /** Adds to a mark's thread; `@name` of a known person makes a mention. */
  reply(obj: string, text: string): boolean {
    const mentions = this.directory.people().flatMap((person) => (text.includes(`@${person.name}`) ? [person.id] : []));
    return this.act([{ k: "reply", obj, p: mentions.length > 0 ? { text, mentions } : { text } }]);
  }

  /** Copies the selected marks a little aside, as own drafts (whose ever they were). */
  duplicate(dx: number, dy: number): void {
    if (this.selected.length === 0) return;
    const why = this.whyNot("create", null);
    if (why) {
      toast(why, "amber");
      return;
    }
    const steps = this.selected.map((view): Step => {
      const p: Payload = { ...view.mark.p, geom: moveBy(view.geometry, dx, dy) };
      return { k: "create", obj: newId(), p };
    });
    this.#write(steps);
    this.select(steps.map((step) => step.obj));
  }

  undo(): void {
    this.#replay("undo");
  }

  redo(): void {
    this.#replay("redo");
  }

  #replay(which: "undo" | "redo"): void {
    const taken = this.history.take(which, (obj) => this.mark(obj));
    if ("why" in taken) {
      if (taken.why === "changed") toast(t("这条批注之后又有改动，不能撤销这一步。", "The mark has been changed since; this step cannot be undone."), "amber");
      return;
    }
    for (const step of taken.steps) this.room.write(step.k, step.obj, step.p);
    this.select(taken.steps.filter((step) => step.k !== "delete").map((step) => step.obj));
  }

  #write(steps: readonly Step[], base?: number): void {
    this.history.remember(steps, (obj) => this.mark(obj));
    for (const step of steps) this.room.write(step.k, step.obj, step.p, base);
  }

  // ---- refusals -------------------------------------------------------------------------------------------------

  async #refused(refusal: Extract<Refusal, { then: "dropped" }>): Promise<void> {
    const [first] = refusal.ops;
    this.history.forget(first.obj);
    const mine = refusal.ops.reduce<Payload>((fields, op) => (op.k === "patch" || op.k === "create" ? { ...fields, ...op.p } : fields), {});
    if (refusal.code === "stale" && refusal.current && first.k === "patch") {
      this.onConflict({ mine, theirs: refusal.current });
      return;
    }
    for (const op of refusal.ops) {
      const text = op.p["text"];
      if (typeof text === "string" && text.trim() !== "") await this.keepDraft(op.obj, text, refusal.code);
    }
    const said = refusal.msg || refusalText(refusal.code);
    toast(said, "red", { next: refusal.next || (this.drafts.length > 0 ? t("您写的文字留在“批注”栏的草稿里。", "Your text is kept among the drafts in the marks panel.") : "") });
  }

  /** Writes the person's version over the colleague's, with what he has now seen as its base. */
  keepMine(conflict: Conflict): void {
    this.room.write("patch", conflict.theirs.obj, conflict.mine, conflict.theirs.ver);
  }

  async keepDraft(obj: string, text: string, why: string): Promise<void> {
    const draft: Draft = { id: newId(), obj, text, why, made: Date.now() };
    this.drafts = [...this.drafts, draft];
    this.signals.tell("drafts");
    await this.queue.keepDraft(draft).catch(() => undefined);
  }

  async dropDraft(id: string): Promise<void> {
    this.drafts = this.drafts.filter((draft) => draft.id !== id);
    this.signals.tell("drafts");
    await this.queue.dropDraft(id).catch(() => undefined);
  }

  // ---- following the log ----------------------------------------------------------------------------------------

  #marksChanged(changed: ReadonlySet<string>, ops: readonly Op[]): void {
    const now = Date.now();
    for (const obj of changed) {
      const mark = this.room.log.view.get(obj);
      const view = mark ? viewOf(mark, this.scale) : null;
      if (!view) {
        this.#views.delete(obj);
        if (!this.#past) this.shown.delete(obj);
        this.selection.delete(obj);
        continue;
      }
      const before = this.#views.get(obj);
      view.waitingSince = mark!.unsaved ? before?.waitingSince || now : 0;
      if (mark!.unsaved) setTimeout(() => this.signals.tell("marks"), WAITING_MS + 50);
      this.#views.set(obj, view);
      if (this.#past) continue;
      if (matches(this.filter, mark!)) this.shown.set(obj, view);
      else this.shown.delete(obj);
      if (mark!.deleted && this.filter.state !== "deleted") this.selection.delete(obj);
    }
    if (changed.size > 0) this.signals.tell("marks");
    let cited = false;
    for (const op of ops) {
      cited ||= op.k === "cite" || op.k === "uncite";
      if (op.obj !== null && op.k !== "reply") this.lastChange.set(op.obj, { by: op.by, at: op.at });
      if (op.obj === null) this.catalogue.sheetChanged();
      else if (op.by !== this.config.me.id) {
        const view = this.shown.get(op.obj);
        if (view) this.onForeignEdit(view);
      }
    }
    if (cited) this.catalogue.opinionsChanged();
  }

  /** Shows the marks as they were at some moment, or the present again (null). */
  showPast(marks: ReadonlyMap<string, Mark> | null): void {
    this.#past = marks;
    this.#refilter();
    this.signals.tell("status");
  }

  #refilter(): void {
    this.shown.clear();
    for (const [obj, view] of this.#past ? this.#viewsOf(this.#past) : this.#views) if (matches(this.filter, view.mark)) this.shown.set(obj, view);
    this.signals.tell("marks");
  }

  *#viewsOf(past: ReadonlyMap<string, Mark>): Iterable<[string, MarkView]> {
    for (const [obj, mark] of past) {
      const view = this.#pastViews.get(mark) ?? viewOf(mark, this.scale);
      if (!view) continue;
      this.#pastViews.set(mark, view);
      yield [obj, view];
    }
  }

  /** True when a mark has waited for the server long enough to say so. */
  isWaiting(view: MarkView): boolean {
    return view.waitingSince !== 0 && Date.now() - view.waitingSince > WAITING_MS;
  }
}
