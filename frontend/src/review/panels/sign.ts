/** Signing the conclusion of an own task: what will happen, own opinions counted, sheets never opened named. */

import { t } from "../../site/language";
import { newId } from "../../realtime/ids";
import { Refusal } from "../../site/requests";
import { sayRefusal, toast } from "../../site/toasts";
import { button, fill, h } from "../dom";
import { icon } from "../icons";
import { closeButton, dialog } from "../pieces";
import type { TaskRecord } from "../records";
import type { Review } from "../review";
import { CONCLUSIONS } from "../words";
import { seenSheets, sheetsOf } from "./sheets";

const STANDING: ReadonlySet<string> = new Set(["draft", "signed", "issued", "answered", "kept"]);

export function signDialog(review: Review, task: TaskRecord): void {
  const own = review.catalogue.opinions.filter((opinion) => opinion.department.code === task.department.code && STANDING.has(opinion.state));
  const blocking = own.filter((opinion) => opinion.blocking).length;
  const seen = seenSheets();
  const unseen = sheetsOf(review).filter((sheet) => sheet.id !== review.sheet.id && !seen.has(sheet.id));
  const proposed = blocking > 0 ? "revise" : own.length > 0 ? "agree_with_conditions" : "agree";
  const key = newId();
  const remark = h("textarea", { id: "sign-remark", name: "remark", rows: 3, maxlength: 2000 });
  const wrong = h("div", { role: "alert" });
  dialog(
    t("签署审查结论", "Sign the conclusion"),
    (close) => {
      const form = h(
        "form",
        { class: "stack", id: "sign-form", novalidate: true },
        wrong,
        h(
          "ul",
          { class: "sign-facts" },
          h("li", {}, t("本部门现有意见 {n} 条，其中须修改 {m} 条。", "Your department has {n} {n|opinion|opinions}; {m} of them must be acted on.", { n: own.length, m: blocking })),
          h("li", {}, t("签署后这些意见不再改动；所有部门签署完毕，本轮审查完成。", "After signing they are fixed; when every department has signed, the round is complete.")),
          blocking > 0 ? h("li", {}, t("须修改的意见将由牵头部门合并告知申请人。", "What must be acted on goes to the applicant in one merged notice by the lead department.")) : null,
        ),
        unseen.length > 0
          ? h("div", { class: "callout callout-amber" }, icon("triangle"), h("div", {}, t("还有 {n} 张图您没有打开过：{names}", "You have not opened {n} {n|sheet|sheets}: {names}", { n: unseen.length, names: unseen.slice(0, 6).map((sheet) => sheet.number || sheet.name).join(t("、", ", ")) + (unseen.length > 6 ? "…" : "") })))
          : null,
        h(
          "fieldset",
          { class: "choice-cards" },
          h("legend", {}, t("结论", "Conclusion")),
          ...CONCLUSIONS.map((one) =>
            h(
              "label",
              { class: "choice-card" },
              h("input", { type: "radio", name: "conclusion", value: one.code, checked: one.code === proposed }),
              h("span", {}, h("span", { class: "choice-title" }, one.name, one.code === proposed ? h("span", { class: "badge badge-blue" }, t("按意见建议", "suggested")) : null), h("span", { class: "choice-text" }, one.text)),
            ),
          ),
        ),
        h("div", { class: "field" }, h("label", { for: "sign-remark" }, t("说明", "Remark"), h("span", { class: "optional" }, t("（不同意时必填）", "(required to disagree)"))), remark),
      );
      const go = button([icon("sign"), t("签署", "Sign")], { class: "btn btn-primary" }, () => void submit());
      const submit = async (): Promise<void> => {
        const conclusion = form.querySelector<HTMLInputElement>("input[name=conclusion]:checked")?.value ?? "";
        fill(wrong);
        if (conclusion === "disagree" && remark.value.trim() === "") {
          fill(wrong, h("div", { class: "callout callout-red" }, icon("triangle"), h("div", {}, t("不同意须写明理由。", "Say why you disagree."))));
          remark.focus();
          return;
        }
        go.setAttribute("aria-busy", "true");
        try {
          await review.catalogue.sign(task.id, conclusion, remark.value.trim(), key);
          toast(t("已签署。", "Signed."), "green");
          close();
        } catch (error) {
          if (error instanceof Refusal) fill(wrong, h("div", { class: "callout callout-red" }, icon("triangle"), h("div", {}, error.problem.title, error.problem.next_step ? h("div", { class: "small" }, error.problem.next_step) : null)));
          else sayRefusal(error);
        } finally {
          go.removeAttribute("aria-busy");
        }
      };
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void submit();
      });
      return { body: [form], foot: [closeButton(close), go] };
    },
    "dialog dialog-wide",
  );
}
