import { describe, expect, it } from "vitest";
import { t } from "./language";

describe("t", () => {
  it("puts the values in and leaves what it was not given", () => {
    expect(t("{n} 条 {what}", "", { n: 3 })).toBe("3 条 {what}");
  });

  it("chooses the word that fits the number", () => {
    const text = "{n} {n|mark|marks} deleted";
    expect([0, 1, 2].map((n) => t(text, "", { n }))).toEqual(["0 marks deleted", "1 mark deleted", "2 marks deleted"]);
  });
});
