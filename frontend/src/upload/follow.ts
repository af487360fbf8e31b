/** Asking the server how far a file is, until it is ready or refused; patient when the network is not. */

import { t } from "../site/language";
import { ask, Refusal } from "../site/requests";
import type { FileRow, FileState } from "./file_row";

const FIRST = 500;
const LONGEST = 4000;

/** Follow file `id`; resolves with its last state. */
export async function follow(id: string, row: FileRow): Promise<FileState> {
  let wait = FIRST;
  for (;;) {
    try {
      const state = await ask<FileState>(`/api/v1/files/${id}`);
      if (row.follow(state)) return state;
      wait = Math.min(LONGEST, wait * 1.25);
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      if (cause.problem.code !== "offline" && cause.problem.status !== 429 && cause.problem.status < 500) {
        row.refused(cause.problem.title, cause.problem.next_step ?? "", cause.problem.code);
        return { state: "refused", progress: 0, code: cause.problem.code, message: cause.problem.title };
      }
      row.note(t("连接中断，服务器仍在处理，恢复后继续显示", "Connection lost; the server goes on and this resumes"));
      wait = LONGEST;
    }
    // A page in the background asks rarely; the work goes on without it.
    await new Promise((resolve) => window.setTimeout(resolve, document.hidden ? LONGEST * 3 : wait));
  }
}
