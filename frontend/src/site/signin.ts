/** An expired sign-in: say so once, keep what was written, and offer the way back to this very page. */

import { t } from "./language";

let said = false;

document.addEventListener("sign-in-needed", () => {
  if (said) return;
  said = true;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const head = document.createElement("div");
  head.className = "dialog-head";
  const title = document.createElement("h2");
  title.textContent = t("登录已过期", "Your sign-in has expired");
  head.append(title);
  const body = document.createElement("div");
  body.className = "dialog-body";
  body.textContent = t(
    "已填写的内容保存在本机，重新登录后会自动恢复。",
    "What you wrote is kept on this device and comes back after you sign in.",
  );
  const foot = document.createElement("div");
  foot.className = "dialog-foot";
  const later = document.createElement("button");
  later.type = "button";
  later.className = "btn";
  later.textContent = t("稍后", "Later");
  later.addEventListener("click", () => dialog.close());
  const link = document.createElement("a");
  link.className = "btn btn-primary";
  link.href = `/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = t("重新登录", "Sign in");
  foot.append(later, link);
  dialog.append(head, body, foot);
  dialog.addEventListener("close", () => {
    dialog.remove();
    said = false;
  });
  document.body.append(dialog);
  dialog.showModal();
  link.focus();
});
