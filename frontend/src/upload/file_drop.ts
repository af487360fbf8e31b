/**
 * `<div class="file-drop" data-upload="url">`: choose or drop files, look at the list, send them in ONE POST (one revision),
 * then follow each until it is ready or refused. Fields sent: `file` and `sha256` once per file in the same order, and
 * every named input inside the drop. The answer is JSON {files: [{id, name}], url?}; `url` (or data-after) is where to go next.
 * `data-auto` sends at once; `data-single` takes one file.
 * With `data-pieces` (…/uploads) files go in pieces that survive a cut line and a closed tab, and are handed in together at
 * `data-upload` (…/deliveries); whole folders may be chosen or dropped.
 */

import { button, make } from "../map/parts";
import { fileSize, t } from "../site/language";
import { ask, oneTimeKey, Refusal } from "../site/requests";
import { sayRefusal } from "../site/toasts";
import { FileRow, type FileState } from "./file_row";
import { ofDrop, ofInput, type Found } from "./folders";
import { follow } from "./follow";
import { lineTo, sendInPieces, type Upload } from "./pieces";
import { send, sharesOf } from "./send";
import { sha256OfFile } from "./sha256";

interface Chosen {
  /** null: complete on the server since an earlier visit. */
  file: File | null;
  path: string;
  row: FileRow;
  upload: Upload | null;
  size: number;
}

const AT_ONCE = 2;
/** Names of skipped files that are said; the rest is counted. */
const SKIPPED_SAID = 5;

interface Answer {
  files?: { id: string; name?: string }[];
  id?: string;
  url?: string;
}

/** Why this file cannot be taken, before a byte is sent; null when it can. The server decides in the end. */
export function refusalOf(file: { name: string; size: number }, accept: string, limit: number): [string, string, string] | null {
  const endings = accept.split(",").map((each) => each.trim().toLowerCase()).filter(Boolean);
  if (endings.length && !endings.some((ending) => file.name.toLowerCase().endsWith(ending)))
    return [
      t("不支持这种文件。", "This kind of file is not supported."),
      t("请上传 {kinds}。压缩包请先解开。", "Send {kinds}. Unpack archives first.", { kinds: endings.map((each) => each.replace(".", "").toUpperCase()).join(t("、", ", ")) }),
      "E_TYPE",
    ];
  if (file.size === 0)
    return [t("文件是空的。", "The file is empty."), t("请在 CAD 中重新保存后再选。", "Save it again in CAD, then choose it again."), "E_EMPTY"];
  if (file.size > limit)
    return [
      t("文件 {size}，超过单个 {limit} 的上限。", "The file has {size}; the limit is {limit}.", { size: fileSize(file.size), limit: fileSize(limit) }),
      t("请按图幅拆分后分别上传，或在 CAD 中清理（PURGE）后另存。", "Split it by sheets, or purge it in CAD and save again."),
      "E_SIZE",
    ];
  return null;
}

/** A file's name with the folder it lies in. */
function label(name: string, folder: string): string {
  return folder ? `${folder} / ${name}` : name;
}

/** Make one drop work. */
export class FileDrop {
  private chosen: Chosen[] = [];
  /** Begun on an earlier visit and not complete: waiting for the same file to be chosen again. */
  private interrupted: { upload: Upload; row: FileRow }[] = [];
  private sending = false;
  private key = oneTimeKey();
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly status = make("div", "visually-hidden", "", { role: "status" });
  private readonly skipped = make("p", "muted small");
  private readonly actions = make("div", "row");
  private readonly tally = make("p", "file-drop-tally");
  private readonly pieces: string | undefined;

  constructor(private readonly root: HTMLElement) {
    this.input = root.querySelector<HTMLInputElement>("input[type=file]")!;
    this.list = root.querySelector<HTMLElement>(".file-drop-list")!;
    this.list.removeAttribute("aria-live");
    this.pieces = root.dataset["pieces"];
    this.actions.hidden = true;
    this.skipped.hidden = true;
    this.tally.hidden = true;
    this.list.before(this.tally);
    root.append(this.skipped, this.actions, this.status);
    this.input.dataset["noDraft"] = "";
    this.input.required = false;
    this.input.addEventListener("change", () => {
      const files = ofInput(this.input.files ?? []);
      this.input.value = "";
      this.add(files);
    });
    const zone = root.querySelector<HTMLElement>(".file-drop-zone")!;
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      root.dataset["over"] = "";
    });
    zone.addEventListener("dragleave", () => delete root.dataset["over"]);
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      delete root.dataset["over"];
      void ofDrop(event.dataTransfer).then((files) => this.add(files));
    });
    // The name of the field is ours alone: without a script the form would send it.
    this.input.removeAttribute("name");
    window.addEventListener("beforeunload", (event) => {
      if (this.sending) event.preventDefault();
    });
    if (this.pieces) {
      if ("webkitdirectory" in this.input) zone.after(this.folderButton());
      void this.takeUp(this.pieces);
    }
  }

  private folderButton(): HTMLElement {
    const input = make("input", "visually-hidden", "", { type: "file", webkitdirectory: "", multiple: "" });
    input.dataset["noDraft"] = "";
    input.addEventListener("change", () => {
      const files = ofInput(input.files ?? []);
      input.value = "";
      this.add(files);
    });
    const label = make("label", "btn btn-quiet file-button", t("选择整个文件夹", "Choose a whole folder"));
    label.append(input);
    const row = make("div", "row file-drop-more");
    row.append(label, make("span", "muted small", t("断网或关闭页面后可续传，已传部分不用重来。", "Uploads go on after a cut line or a closed page; nothing is sent twice.")));
    return row;
  }

  /** What an earlier visit left behind: complete files can be handed in, the others wait for their file. */
  private async takeUp(base: string): Promise<void> {
    const left = await ask<Upload[]>(base).catch(() => []);
    for (const upload of left) {
      const row = new FileRow(label(upload.name, upload.folder), upload.size, (text) => this.say(text));
      this.list.append(row.element);
      const remove = (): void => {
        void ask(upload.url, { method: "DELETE" }).catch(() => undefined);
        this.interrupted = this.interrupted.filter((each) => each.row !== row);
        this.withdraw(row);
      };
      if (upload.complete) {
        this.chosen.push({ file: null, path: "", row, upload, size: upload.size });
        row.arrived(remove);
      } else {
        this.interrupted.push({ upload, row });
        row.interrupted(upload.offset / upload.size, remove);
      }
    }
    if (left.length) this.offer();
  }

  private add(found: Found[]): void {
    if (this.sending || found.length === 0) return;
    if (this.root.dataset["single"] !== undefined) {
      for (const { row } of this.chosen) row.element.remove();
      this.chosen = [];
      found = found.slice(0, 1);
    }
    // Of a folder only the drawings are meant; what else lies in it is named, not refused one by one.
    const accept = this.root.dataset["accept"] ?? "";
    const limit = Number(this.root.dataset["limit"]) || Infinity;
    const others = found.filter(({ file, path }) => path.includes("/") && refusalOf(file, accept, limit)?.[2] === "E_TYPE");
    this.saySkipped(others);
    for (const { file, path } of found.filter((each) => !others.includes(each))) {
      const folder = path.split("/").slice(0, -1).join(" / ");
      const before = this.interrupted.find(({ upload }) => upload.name === file.name && upload.size === file.size);
      if (before) {
        before.row.element.remove();
        this.interrupted = this.interrupted.filter((each) => each !== before);
      }
      const row = new FileRow(label(file.name, folder), file.size, (text) => this.say(text));
      this.list.append(row.element);
      const refusal = refusalOf(file, accept, limit);
      const named = label(file.name, folder);
      const twice = this.chosen.some((each) => each.row.name === named && each.size === file.size);
      if (refusal) {
        row.element.dataset["unsent"] = "";
        row.refused(...refusal, () => {
          row.element.remove();
          this.input.focus();
        });
      }
      else if (twice) row.element.remove();
      else {
        const one: Chosen = { file, path, row, upload: null, size: file.size };
        this.chosen.push(one);
        row.waiting(() => {
          this.withdraw(row);
          this.input.focus();
        });
      }
    }
    // Another list is another act.
    this.key = oneTimeKey();
    this.offer();
    if (this.root.dataset["auto"] !== undefined && this.chosen.length) void this.start();
  }

  private saySkipped(others: Found[]): void {
    this.skipped.hidden = others.length === 0;
    if (others.length === 0) return;
    const names = others.slice(0, SKIPPED_SAID).map(({ path }) => path).join(t("、", ", "));
    this.skipped.textContent = t("已跳过文件夹中 {n} 个非图纸文件：{names}", "{n} {n|file|files} of the folder that {n|is no drawing|are no drawings} skipped: {names}", { n: others.length, names }) + (others.length > SKIPPED_SAID ? "…" : "");
  }

  private offer(): void {
    const size = this.chosen.reduce((sum, each) => sum + each.size, 0);
    this.actions.hidden = this.chosen.length === 0 || this.sending;
    this.actions.replaceChildren(
      button(
        t("上传并检查（{n} 个文件，{size}）", "Upload and check ({n} {n|file|files}, {size})", { n: this.chosen.length, size: fileSize(size) }),
        () => void this.start(),
        "btn btn-primary",
      ),
    );
  }

  private async start(): Promise<void> {
    if (this.sending || this.chosen.length === 0) return;
    if (![...this.fields()].every((field) => field.reportValidity())) return;
    this.sending = true;
    this.actions.hidden = true;
    const batch = this.chosen;
    try {
      const answer = await this.post(batch);
      this.chosen = [];
      this.sending = false;
      this.root.dispatchEvent(new CustomEvent("upload:sent", { bubbles: true, detail: answer }));
      const ids = answer.files?.map((file) => file.id) ?? (answer.id ? [answer.id] : []);
      let [ready, refused] = [0, 0];
      const count = (state: FileState | null): FileState | null => {
        if (state?.state === "ready") ready += 1;
        else refused += 1;
        this.sayTally(t("共 {n} 个文件：已成图 {ready}，未通过 {refused}，其余正在检查", "{n} {n|file|files}: {ready} ready, {refused} refused, the others are being checked", { n: batch.length, ready, refused }), batch.length);
        return state;
      };
      const states = await Promise.all(batch.map(async ({ row }, at) => count(ids[at] ? await follow(ids[at], row) : null)));
      this.finish(answer, states.every((state) => state?.state === "ready"));
    } catch (cause) {
      this.sending = false;
      this.tally.hidden = true;
      for (const { row, upload } of batch) {
        // What is wrong with one file stays said at that file; it can be taken off or tried again.
        if (row.element.dataset["state"] === "refused") continue;
        if (upload?.complete) row.arrived(() => this.withdraw(row));
        else row.waiting(() => this.withdraw(row));
      }
      this.offer();
      if (cause instanceof Refusal && Object.keys(cause.problem.errors ?? {}).length) {
        const [text] = Object.values(cause.problem.errors!)[0] ?? [cause.problem.title];
        batch[0]?.row.refused(text!, cause.problem.next_step ?? "", cause.problem.code);
      } else sayRefusal(cause);
    }
  }

  /** Where a long list stands as a whole; a single file says it itself. */
  private sayTally(words: string, files: number): void {
    this.tally.hidden = files < 2;
    this.tally.textContent = words;
  }

  private withdraw(row: FileRow): void {
    this.chosen = this.chosen.filter((each) => each.row !== row);
    row.element.remove();
    this.key = oneTimeKey();
    this.offer();
  }

  private async post(batch: Chosen[]): Promise<Answer> {
    if (this.pieces) return this.deliver(batch, this.pieces);
    const form = new FormData();
    for (const field of this.fields()) {
      if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type) && !field.checked) continue;
      form.append(field.name, field.value);
    }
    const name = this.root.dataset["name"] ?? "file";
    for (const { file, row } of batch) {
      if (!file) continue;
      row.sending(0, true);
      form.append("sha256", await sha256OfFile(file, (share) => row.sending(share, true)));
      form.append(name, file, file.name);
    }
    const sizes = batch.map(({ size }) => size);
    return send<Answer>(this.root.dataset["upload"]!, form, this.key, (sent, all) =>
      sharesOf(sizes, sent, all).forEach((share, at) => batch[at]!.row.sending(share)),
    ).done;
  }

  /** Every file in pieces, two at a time, then all handed in at once. */
  private async deliver(batch: Chosen[], base: string): Promise<Answer> {
    const left = batch.filter((each) => !each.upload?.complete);
    let sent = batch.length - left.length;
    const say = (): void => this.sayTally(t("共 {n} 个文件，已传完 {sent} 个", "{sent} of {n} {n|file|files} sent", { n: batch.length, sent }), batch.length);
    say();
    const worker = async (): Promise<void> => {
      for (let one = left.shift(); one; one = left.shift()) {
        await this.sendOne(one, base);
        sent += 1;
        say();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const more = Object.fromEntries([...this.fields()].filter((field) => field.value !== "").map((field) => [field.name, field.value]));
    return ask<Answer>(this.root.dataset["upload"]!, { body: { uploads: batch.map(({ upload }) => upload!.id), ...more }, key: this.key });
  }

  private async sendOne(one: Chosen, base: string): Promise<void> {
    const { file, path, row } = one;
    if (!file) return;
    row.sending(0, true);
    const sum = await sha256OfFile(file, (share) => row.sending(share, true));
    try {
      one.upload = await sendInPieces(file, lineTo(base, file, path, sum), {
        progress: (bytes) => row.sending(bytes / file.size),
        waiting: (cut) => row.note(cut ? t("连接中断，恢复后自动续传", "Connection lost; goes on by itself when it is back") : fileSize(file.size)),
      });
      row.sending(1);
    } catch (cause) {
      if (cause instanceof Refusal && cause.problem.status === 422) row.refused(cause.problem.title, cause.problem.next_step ?? "", cause.problem.code, () => this.withdraw(row));
      throw cause;
    }
  }

  private fields(): (HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement)[] {
    return [
      ...this.root.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(
        ":is(input, select, textarea)[name]:not([type=file])",
      ),
    ];
  }

  private finish(answer: Answer, allReady: boolean): void {
    this.key = oneTimeKey();
    this.root.dispatchEvent(new CustomEvent("upload:done", { bubbles: true, detail: { ...answer, allReady } }));
    const next = answer.url ?? this.root.dataset["after"];
    const unsent = this.list.querySelectorAll(".file-row[data-unsent]").length;
    this.tally.hidden = true;
    const line = allReady
      ? make("span", unsent ? "" : "text-green", unsent ? t("已提交的文件全部检查并成图；另有 {n} 个文件没有提交，见上。", "All files that were sent are checked and converted; {n} {n|file was|files were} not sent, see above.", { n: unsent }) : t("全部文件已检查并成图。", "All files are checked and converted."))
      : make("span", "text-red", this.root.dataset["mend"] || t("有文件未通过。改好后请把整套图纸重新上传，已通过的文件也要包含在内。", "Some files were refused. Mend them and send the whole set again, the good files included."));
    this.actions.hidden = false;
    this.actions.replaceChildren(line);
    if (next) {
      const link = make("a", "btn btn-primary", allReady ? t("查看图纸", "Open the drawings") : t("查看结果", "See the result"), { href: next });
      this.actions.append(link);
      if (allReady) link.focus();
    }
    this.say(line.textContent ?? "");
  }

  private say(text: string): void {
    this.status.textContent = text;
  }
}
