/** One file in the list: name, size, what is happening to it, and what to do when it is refused. */

import { make } from "../map/parts";
import { fileSize, t } from "../site/language";

/** What `GET /api/v1/files/{id}` answers. */
export interface FileState {
  state: "queued" | "inspecting" | "rendering" | "ready" | "refused";
  progress: number;
  step?: string | null;
  code?: string | null;
  message?: string | null;
  next_step?: string | null;
  sheets?: unknown[] | number | null;
}

const STEPS = ["sending", "inspecting", "rendering", "ready"] as const;
type Step = (typeof STEPS)[number];

const WORDS: Record<Step, () => string> = {
  sending: () => t("上传", "Upload"),
  inspecting: () => t("安全检查", "Check"),
  rendering: () => t("转换成图", "Convert"),
  ready: () => t("完成", "Done"),
};

/** A row of the list; `li` is made, or one that the page already holds is taken over. */
export class FileRow {
  readonly element: HTMLLIElement;
  private readonly meta: HTMLElement;
  private readonly below: HTMLElement;
  private shown = "";

  constructor(
    readonly name: string,
    private readonly size: number | null,
    private readonly say: (text: string) => void,
    existing?: HTMLLIElement,
  ) {
    this.element = existing ?? make("li");
    this.element.className = "file-row";
    const title = make("span", "file-row-name", name);
    this.meta = make("span", "file-row-meta", size === null ? "" : fileSize(size));
    this.below = make("div", "file-row-message");
    const mark = make("span", "file-row-mark", "", { "aria-hidden": "true" });
    this.element.replaceChildren(mark, title, this.meta, this.below);
  }

  /** Waiting to be sent; `remove` takes it off the list. */
  waiting(remove: () => void): void {
    this.element.dataset["state"] = "waiting";
    const drop = make("button", "btn btn-quiet btn-small", t("移除", "Remove"), {
      type: "button",
      "aria-label": t("移除 {name}", "Remove {name}", { name: this.name }),
    });
    drop.addEventListener("click", remove);
    this.meta.replaceChildren(make("span", "", this.size === null ? "" : fileSize(this.size)), " ", drop);
    this.below.replaceChildren();
  }

  /** Every byte is on the server since an earlier visit. */
  arrived(remove: () => void): void {
    this.waiting(remove);
    this.below.replaceChildren(make("span", "text-green", `✓ ${t("已传完，尚未提交", "Completely sent, not handed in yet")}`));
  }

  /** Part of it is on the server since an earlier visit; the rest follows when the same file is chosen again. */
  interrupted(share: number, remove: () => void): void {
    this.waiting(remove);
    const words = t("上次传到 {n}%，请再次选择同一文件，从断点继续", "{n}% was sent before. Choose the same file again to go on from there", { n: Math.floor(share * 100) });
    const bar = make("progress", "", "", { max: "100", value: String(Math.floor(share * 100)), "aria-label": this.name });
    const box = make("div", "progress");
    const head = make("div", "progress-head");
    head.append(make("span", "text-amber", words));
    box.append(head, bar);
    this.below.replaceChildren(box);
  }

  /** Reading the file for its checksum, or its bytes on their way. */
  sending(share: number, reading = false): void {
    const words = reading ? t("正在计算校验值", "Computing the checksum") : share < 1 ? t("正在上传", "Uploading") : t("已传完", "Sent");
    this.progress("sending", Math.round(share * 100), words);
  }

  /** What the server says of it. True when nothing more will come. */
  follow(state: FileState): boolean {
    if (state.state === "ready") {
      const sheets = Array.isArray(state.sheets) ? state.sheets.length : (state.sheets ?? null);
      this.end("ready", sheets === null ? t("可以查看了", "Ready to view") : t("共 {n} 张图", "{n} {n|sheet|sheets}", { n: sheets }));
      return true;
    }
    if (state.state === "refused") {
      this.refused(state.message || t("文件未通过检查。", "The file did not pass the check."), state.next_step ?? "", state.code ?? "");
      return true;
    }
    const step: Step = state.state === "rendering" ? "rendering" : "inspecting";
    const words =
      state.step || (state.state === "queued" ? t("排队等待检查", "Waiting to be checked") : WORDS[step]());
    this.progress(step, Math.round(state.progress), words);
    return false;
  }

  /** Something to know while it goes on (the connection is gone, for instance). */
  note(text: string): void {
    this.meta.textContent = text;
  }

  /** Refused by us or by the server: what is wrong and what to do, with the code for support. `remove` takes it off the list. */
  refused(message: string, next = "", code = "", remove?: () => void): void {
    if (remove) this.waiting(remove);
    else this.meta.textContent = this.size === null ? "" : fileSize(this.size);
    this.element.dataset["state"] = "refused";
    const rows = [make("span", "text-red", message)];
    if (next) rows.push(make("span", "", next));
    if (code) rows.push(make("span", "muted small", t("错误代码 {code}", "Error code {code}", { code })));
    this.below.replaceChildren(...rows);
    this.announce(t("{name} 未通过：{message}", "{name} was refused: {message}", { name: this.name, message }));
  }

  private end(state: "ready", words: string): void {
    this.element.dataset["state"] = state;
    this.meta.textContent = this.size === null ? "" : fileSize(this.size);
    this.below.replaceChildren(make("span", "text-green", `✓ ${words}`));
    this.announce(t("{name} 已就绪，{words}", "{name} is ready, {words}", { name: this.name, words }));
  }

  private progress(step: Step, percent: number, words: string): void {
    this.element.dataset["state"] = step;
    this.meta.textContent = this.size === null ? "" : fileSize(this.size);
    let box = this.below.querySelector<HTMLElement>(".progress");
    if (!box) {
      box = make("div", "progress");
      box.append(make("div", "progress-head"), make("progress", "", "", { max: "100", "aria-label": this.name }), make("ol", "progress-steps"));
      box.firstElementChild!.append(make("span"), make("span", "num"));
      for (const each of STEPS) box.lastElementChild!.append(make("li", "", WORDS[each](), { "data-step": each }));
      this.below.replaceChildren(box);
    }
    const [left, right] = box.firstElementChild!.children;
    left!.textContent = words;
    right!.textContent = `${percent}%`;
    box.querySelector("progress")!.value = percent;
    const at = STEPS.indexOf(step);
    for (const item of box.querySelectorAll<HTMLElement>("[data-step]")) {
      const place = STEPS.indexOf(item.dataset["step"] as Step);
      item.className = place < at ? "done" : "";
      if (place === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
    this.announce(`${this.name}${t("：", ": ")}${words}`);
  }

  /** Said aloud only when it changes, not at every percent. */
  private announce(text: string): void {
    if (text === this.shown) return;
    this.shown = text;
    this.say(text);
  }
}
