/** The corners as a table (界址点坐标表): the keyboard's way to draw, in degrees or in plane coordinates. */

import { t } from "../site/language";
import { cornerName, type Boundary } from "./boundary";
import { toDegrees, toPlane, type LonLat, type Zone } from "./ellipsoid";
import { button, make } from "./parts";

type Form = "degrees" | "plane";

/** A table that shows a boundary and tells of every change made in it. */
export class CornerTable {
  readonly element = make("details", "more");
  private readonly body = make("div", "stack");
  private boundary: Boundary = [];
  private form: Form = "degrees";

  constructor(
    private readonly zone: Zone,
    private readonly changed: (boundary: Boundary) => void,
    private readonly found: (corner: LonLat) => void,
  ) {
    this.element.append(make("summary", "", t("界址点坐标表（可用键盘编辑）", "Corner coordinates (edit by keyboard)")), this.body);
    this.element.addEventListener("toggle", () => this.draw());
  }

  /** Show another boundary; the focus stays on the cell in which it was. */
  show(boundary: Boundary): void {
    this.boundary = boundary;
    this.draw();
  }

  private draw(): void {
    if (!this.element.open) return;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["cell"] : undefined;
    const wrap = make("div", "table-wrap tall");
    const table = make("table", "table vertex-table");
    table.append(make("caption", "visually-hidden", t("界址点坐标", "Corner coordinates")), this.head());
    const rows = make("tbody");
    this.boundary.forEach((rings, polygon) =>
      rings.forEach((ring, at) => {
        if (this.boundary.length > 1 || rings.length > 1) {
          const title = rows.insertRow();
          const cell = make("th", "", at === 0
            ? t("第 {n} 块", "Part {n}", { n: polygon + 1 })
            : t("第 {n} 块内的扣除部分 {hole}", "Part {n}, hole {hole}", { n: polygon + 1, hole: at }),
            { scope: "rowgroup", colspan: "5" });
          title.append(cell);
        }
        ring.forEach((corner, index) => rows.append(this.row(ring, corner, index, `${polygon}.${at}.${index}`)));
      }),
    );
    rows.append(this.adder());
    table.append(rows);
    wrap.append(table);
    this.body.replaceChildren(this.chooser(), wrap);
    if (focused) this.body.querySelector<HTMLElement>(`[data-cell="${focused}"]`)?.focus();
  }

  private head(): HTMLTableSectionElement {
    const head = make("thead");
    const titles =
      this.form === "degrees"
        ? [t("经度 (°)", "Longitude (°)"), t("纬度 (°)", "Latitude (°)")]
        : [t("X 北 (m)", "X north (m)"), t("Y 东 (m)", "Y east (m)")];
    const row = head.insertRow();
    for (const [at, title] of [t("点号", "Corner"), ...titles, t("至下一点 (m)", "To next (m)"), t("操作", "Actions")].entries())
      row.append(make("th", at > 0 && at < 4 ? "num" : "", title, { scope: "col" }));
    return head;
  }

  private chooser(): HTMLElement {
    const group = make("div", "btn-group", "", { role: "group", "aria-label": t("坐标形式", "Coordinates as") });
    for (const [form, words] of [
      ["degrees", t("经纬度", "Degrees")],
      ["plane", t("平面坐标（第 {n} 带）", "Plane (zone {n})", { n: this.zone.number })],
    ] as const) {
      const made = button(words, () => {
        this.form = form;
        this.draw();
      });
      made.setAttribute("aria-pressed", String(this.form === form));
      group.append(made);
    }
    const row = make("div", "row");
    row.append(group);
    return row;
  }

  private row(ring: LonLat[], corner: LonLat, index: number, key: string): HTMLTableRowElement {
    const row = make("tr");
    const name = cornerName(index);
    const title = make("th", "", "", { scope: "row" });
    const find = button(name, () => this.found(corner), "btn btn-quiet btn-small");
    find.setAttribute("aria-label", t("在图上找到 {name}", "Find {name} on the map", { name }));
    title.append(find);
    row.append(title);
    const values = this.write(corner);
    const inputs = values.map((value, axis) => {
      const input = make("input", "input", "", {
        inputmode: "decimal",
        "data-cell": `${key}.${axis}`,
        "aria-label": `${name} ${this.axisName(axis)}`,
      });
      input.value = value;
      input.addEventListener("change", () => {
        const read = this.read(inputs.map((each) => each.value));
        input.toggleAttribute("aria-invalid", read === null);
        if (read === null) return;
        ring[index] = read;
        this.changed(this.boundary);
      });
      const cell = row.insertCell();
      cell.className = "num";
      cell.append(input);
      return input;
    });
    const [here, next] = [toPlane(corner, this.zone), toPlane(ring[(index + 1) % ring.length]!, this.zone)];
    const length = row.insertCell();
    length.className = "num";
    length.textContent = Math.hypot(next[0] - here[0], next[1] - here[1]).toFixed(2);
    const acts = row.insertCell();
    const insert = button(t("插入", "Insert"), () => {
      const after = ring[(index + 1) % ring.length]!;
      ring.splice(index + 1, 0, [(corner[0] + after[0]) / 2, (corner[1] + after[1]) / 2]);
      this.changed(this.boundary);
    }, "btn btn-quiet btn-small");
    insert.setAttribute("aria-label", t("在 {name} 之后插入一点", "Insert a corner after {name}", { name }));
    const remove = button(t("删除", "Delete"), () => {
      ring.splice(index, 1);
      this.changed(this.boundary.map((rings) => rings.filter((each) => each.length)).filter((rings) => rings.length));
    }, "btn btn-quiet btn-small");
    remove.setAttribute("aria-label", t("删除 {name}", "Delete {name}", { name }));
    acts.append(insert, remove);
    return row;
  }

  private adder(): HTMLTableRowElement {
    const row = make("tr");
    const ring = this.boundary.at(-1)?.[0] ?? [];
    row.append(make("th", "", cornerName(ring.length), { scope: "row" }));
    const inputs = [0, 1].map((axis) => {
      const input = make("input", "input", "", {
        inputmode: "decimal",
        "data-cell": `add.${axis}`,
        "aria-label": t("新界址点 {axis}", "New corner, {axis}", { axis: this.axisName(axis) }),
      });
      const cell = row.insertCell();
      cell.className = "num";
      cell.append(input);
      return input;
    });
    const said = row.insertCell();
    const add = (): void => {
      const read = this.read(inputs.map((input) => input.value));
      if (!read) {
        said.textContent = t("请填写数字", "Enter numbers");
        inputs[0]!.focus();
        return;
      }
      ring.push(read);
      if (this.boundary.length === 0) this.boundary = [[ring]];
      this.changed(this.boundary);
      this.body.querySelector<HTMLElement>('[data-cell="add.0"]')?.focus();
    };
    for (const input of inputs)
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        add();
      });
    row.insertCell().append(button(t("添加", "Add"), add));
    return row;
  }

  private axisName(axis: number): string {
    if (this.form === "degrees") return axis === 0 ? t("经度", "longitude") : t("纬度", "latitude");
    return axis === 0 ? t("X 北", "X north") : t("Y 东", "Y east");
  }

  private write(corner: LonLat): string[] {
    if (this.form === "degrees") return corner.map((value) => value.toFixed(8));
    const [east, north] = toPlane(corner, this.zone);
    return [north.toFixed(3), east.toFixed(3)];
  }

  private read(values: string[]): LonLat | null {
    const [one, other] = values.map((value) => Number(value.replace(/[,\s]/g, "") || Number.NaN)) as [number, number];
    if (!Number.isFinite(one) || !Number.isFinite(other)) return null;
    const degrees: LonLat = this.form === "degrees" ? [one, other] : toDegrees([other % 1e6, one], this.zone);
    return degrees[0] >= 73 && degrees[0] <= 136 && degrees[1] >= 3 && degrees[1] <= 54 ? degrees : null;
  }
}
