/**
 * `<div class="file-drop" data-upload="url">`: choose or drop files, look at the list, send them in ONE POST (one revision),
 * then follow each until it is ready or refused. Fields sent: `file` and `sha256` once per file in the same order, and
 * every named input inside the drop. The answer is JSON {files: [{id, name}], url?}; `url` (or data-after) is where to go next.
 * `data-auto` sends at once; `data-single` takes one file.
 */

import { button, make } from "../map/parts";
import { fileSize, t } from "../site/language";
import { oneTimeKey, Refusal } from "../site/requests";
import { sayRefusal } from "../site/toasts";
import { FileRow } from "./file_row";
import { follow } from "./follow";
import { send, sharesOf } from "./send";
import { sha256OfFile } from "./sha256";

interface Chosen {
  file: File;
  row: FileRow;
}

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

/** Make one drop work. */
export class FileDrop {
  private chosen: Chosen[] = [];
  private sending = false;
  private key = oneTimeKey();
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly status = make("div", "visually-hidden", "", { role: "status" });
  private readonly actions = make("div", "row");

  constructor(private readonly root: HTMLElement) {
    this.input = root.querySelector<HTMLInputElement>("input[type=file]")!;
    this.list = root.querySelector<HTMLElement>(".file-drop-list")!;
    this.list.removeAttribute("aria-live");
    this.actions.hidden = true;
    root.append(this.actions, this.status);
    this.input.dataset["noDraft"] = "";
    this.input.required = false;
    this.input.addEventListener("change", () => {
      const files = [...(this.input.files ?? [])];
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
      this.add([...(event.dataTransfer?.files ?? [])]);
    });
    // The name of the field is ours alone: without a script the form would send it.
    this.input.removeAttribute("name");
    window.addEventListener("beforeunload", (event) => {
      if (this.sending) event.preventDefault();
    });
  }

  private add(files: File[]): void {
    if (this.sending || files.length === 0) return;
    if (this.root.dataset["single"] !== undefined) {
      for (const { row } of this.chosen) row.element.remove();
      this.chosen = [];
      files = files.slice(0, 1);
    }
    for (const file of files) {
      const row = new FileRow(file.name, file.size, (text) => this.say(text));
      this.list.append(row.element);
      const refusal = refusalOf(file, this.root.dataset["accept"] ?? "", Number(this.root.dataset["limit"]) || Infinity);
      const twice = this.chosen.some((each) => each.file.name === file.name && each.file.size === file.size);
      if (refusal) row.refused(...refusal);
      else if (twice) row.element.remove();
      else {
        const one = { file, row };
        this.chosen.push(one);
        row.waiting(() => {
          this.chosen = this.chosen.filter((each) => each !== one);
          row.element.remove();
          this.key = oneTimeKey();
          this.offer();
          this.input.focus();
        });
      }
    }
    // Another list is another act.
    this.key = oneTimeKey();
    this.offer();
    if (this.root.dataset["auto"] !== undefined && this.chosen.length) void this.start();
  }

  private offer(): void {
    const size = this.chosen.reduce((sum, { file }) => sum + file.size, 0);
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
      const states = await Promise.all(batch.map(({ row }, at) => (ids[at] ? follow(ids[at], row) : null)));
      this.finish(answer, states.every((state) => state?.state === "ready"));
    } catch (cause) {
      this.sending = false;
      for (const { row } of batch) row.waiting(() => this.withdraw(row));
      this.offer();
      if (cause instanceof Refusal && Object.keys(cause.problem.errors ?? {}).length) {
        const [text] = Object.values(cause.problem.errors!)[0] ?? [cause.problem.title];
        batch[0]?.row.refused(text!, cause.problem.next_step ?? "", cause.problem.code);
      } else sayRefusal(cause);
    }
  }

  private withdraw(row: FileRow): void {
    this.chosen = this.chosen.filter((each) => each.row !== row);
    row.element.remove();
    this.key = oneTimeKey();
    this.offer();
  }

  private async post(batch: Chosen[]): Promise<Answer> {
    const form = new FormData();
    for (const field of this.fields()) {
      if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type) && !field.checked) continue;
      form.append(field.name, field.value);
    }
    const name = this.root.dataset["name"] ?? "file";
    for (const { file, row } of batch) {
      row.sending(0, true);
      form.append("sha256", await sha256OfFile(file, (share) => row.sending(share, true)));
      form.append(name, file, file.name);
    }
    const sizes = batch.map(({ file }) => file.size);
    return send<Answer>(this.root.dataset["upload"]!, form, this.key, (sent, all) =>
      sharesOf(sizes, sent, all).forEach((share, at) => batch[at]!.row.sending(share)),
    ).done;
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
    const line = allReady
      ? make("span", "text-green", t("全部文件已检查并成图。", "All files are checked and converted."))
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
