/** What the API of sheets, rounds and opinions answers. Fields that a version of the server may lack are optional. */

import type { Box } from "../drawing/manifest";

export interface Department {
  code: string;
  name: string;
  short_name?: string;
  badge: string;
  color: number;
}

export interface PersonRecord {
  id: number;
  name: string;
}

export interface SheetRecord {
  id: string;
  name: string;
  number: string;
  kind: string;
  state: string;
  render: string;
  units: string;
  scale: number | null;
  revision: { id: string; no: string };
  set: { id: string; name: string };
  project: { id: string; name: string; code: string };
  round_id: string | null;
  preparation: Preparation;
}

/** Whether this version of the product made what is shown (current, waiting, failed, kept), and what a reader is told otherwise. */
export interface Preparation {
  state: string;
  text: string;
}

export type Change = "new" | "changed" | "identical" | "gone" | null;

export interface RoundSheet {
  id: string;
  number: string;
  name: string;
  state: string;
  marks: number;
  change: Change;
  /** Address of the sheet's overview picture. */
  picture: string;
}

export interface TaskRecord {
  id: string;
  department: Department;
  discipline: { code: string; name: string } | null;
  state: string;
  state_label?: string;
  conclusion: string | null;
  due_on?: string | null;
  mine: boolean;
  /** claim, hand_over, take_back, sign, raise: what this person may do now. */
  can: string[];
  people: PersonRecord[];
}

export interface ClassRecord {
  code: string;
  name: string;
  needs_clause?: boolean;
  blocks?: boolean;
}

export interface RoundRecord {
  id: string;
  no: number;
  state: string;
  tasks: TaskRecord[];
  sheets: RoundSheet[];
  can: string[];
  classes?: ClassRecord[];
  /** Reasons to raise an opinion late, in rounds after the first. */
  late_reasons?: { code: string; name: string }[];
}

export interface ClauseRecord {
  code: string;
  no: string;
  title: string;
  topic?: string;
  cls?: string | null;
  /** False: the number must be checked against the standard itself. */
  certain?: boolean;
}

export interface ReplyRecord {
  by?: string;
  kind?: string;
  kind_label?: string;
  text: string;
  at?: string;
}

export interface OpinionRecord {
  id: string;
  no: number;
  department: Department;
  discipline: { code: string; name: string } | null;
  cls: string;
  cls_label?: string;
  clause: ClauseRecord | null;
  text: string;
  demand: unknown;
  demand_label?: string;
  state: string;
  state_label?: string;
  /** Departments that stand behind it, the first that raised it first. */
  authors?: Department[];
  version?: number;
  late_reason?: string | null;
  /** What the new revision did to its place. */
  match?: { verdict: string; certain: boolean; why: string } | null;
  sheet_id: string | null;
  region: Box | null;
  marks: string[];
  blocking: boolean;
  mine: boolean;
  author: PersonRecord | null;
  can: string[];
  replies: ReplyRecord[];
}
