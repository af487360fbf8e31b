/** At sign-out nothing of this person stays on the machine: the queue of unsent marks is emptied, after a warning when it is not empty. */

import { t } from "../site/language";
import { countWaiting, forgetAll } from "./queue";

const MOST_MS = 1500;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("form[data-sign-out]") || event.defaultPrevented) return;
  event.preventDefault();
  void (async () => {
    const waiting = await countWaiting();
    const question = t("还有 {n} 条批注没有同步到服务器，退出后将从本机清除。仍要退出吗？", "{n} {n|mark has|marks have} not reached the server and will be erased from this machine. Sign out all the same?", { n: waiting });
    if (waiting > 0 && !window.confirm(question)) return;
    await Promise.race([forgetAll(), new Promise((resolve) => setTimeout(resolve, MOST_MS))]);
    form.submit();
  })();
});
