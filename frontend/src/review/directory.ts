/** Names, colours and badges of departments and people, from wherever they become known. */

import { t } from "../site/language";
import type { Me } from "./config";
import type { Department, RoundRecord } from "./records";

const UNKNOWN_COLOR = "#8a96a3";

export class Directory {
  readonly me: Me;
  readonly #departments = new Map<string, Department>();
  readonly #people = new Map<number, string>();

  constructor(me: Me) {
    this.me = me;
    if (me.dept) this.#departments.set(me.dept, { code: me.dept, name: me.dept_name ?? me.dept, badge: me.badge ?? me.dept.slice(0, 1), color: me.color ?? 0 });
    if (me.id !== null) this.#people.set(me.id, me.name);
  }

  learnDepartment(department: Department): void {
    this.#departments.set(department.code, department);
  }

  learnRound(round: RoundRecord): void {
    for (const task of round.tasks) {
      this.learnDepartment(task.department);
      for (const person of task.people) this.learnPerson(person.id, person.name);
    }
  }

  learnPerson(id: number, name: string | undefined): void {
    if (name) this.#people.set(id, name);
  }

  department(code: string | null): Department | null {
    return code === null ? null : (this.#departments.get(code) ?? null);
  }

  departments(): Department[] {
    return [...this.#departments.values()];
  }

  /** Everybody who became known here: on the round, in the room, in the log. */
  people(): { id: number; name: string }[] {
    return [...this.#people].map(([id, name]) => ({ id, name })).sort((a, b) => a.name.localeCompare(b.name, "zh-CN"));
  }

  departmentName(code: string | null): string {
    const department = this.department(code);
    return department?.short_name ?? department?.name ?? code ?? t("无部门", "no department");
  }

  personName(id: number | null): string {
    if (id === null) return t("系统", "System");
    return this.#people.get(id) ?? t("同事", "Colleague");
  }

  /** Colour of a department on paper and canvas, as the tokens define it. */
  colorOf(code: string | null): string {
    const number = this.department(code)?.color;
    return number === undefined ? UNKNOWN_COLOR : token(`--dept-${number}`, UNKNOWN_COLOR);
  }

  /** Colour of text on it. */
  inkOf(code: string | null): string {
    const number = this.department(code)?.color;
    return number === undefined ? "#0b1218" : token(`--dept-${number}-ink`, "#0b1218");
  }

  badgeOf(code: string | null): string {
    return this.department(code)?.badge ?? "·";
  }
}

const tokens = new Map<string, string>();

function token(name: string, otherwise: string): string {
  let value = tokens.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;
    tokens.set(name, value);
  }
  return value;
}
