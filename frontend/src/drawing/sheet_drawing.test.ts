import { afterEach, describe, expect, it, vi } from "vitest";
import { SheetDrawing } from "./sheet_drawing";

const manifest = {
  v: 1, name: "Model", number: null, kind: "model", format: "dxf", units: { name: "mm", metres_per_unit: 0.001, source: "header" },
  bbox: [0, 0, 10, 10], fit: [0, 0, 10, 10], paper: "dark", layers: [], types: [], fonts: [], images: [], overview: null, tiles: null, viewports: [],
  chunks: [{ file: "geom/0.bin", kind: "line", role: "draw", level: 0, bbox: [0, 0, 10, 10], origin: [0, 0], vertices: 0, prims: 0, bytes: 12 }],
  entities: { file: "entities.bin", count: 0 }, texts: { file: "text.json", count: 0 }, fidelity: "fidelity.json", bytes: 20,
};

/** A server that answers when told to; `asked` are the files in the order of the requests. */
function serve(): { asked: string[]; answer(file: string, body: BodyInit | null, status?: number): Promise<void> } {
  const waiting = new Map<string, (response: Response) => void>();
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    const file = url.replace("/r/x/model/", "");
    asked.push(file);
    return new Promise<Response>((resolve) => waiting.set(file, resolve));
  });
  return {
    asked,
    async answer(file, body, status = 200) {
      waiting.get(file)!(new Response(body, { status }));
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

describe("opening a sheet", () => {
  it("asks for lines beside the tables, and the picture does not wait for the report", async () => {
    const server = serve();
    const opening = SheetDrawing.open("/r/x/model/");
    await server.answer("manifest.json", JSON.stringify(manifest));
    const drawing = await opening;
    void drawing.load();
    expect(server.asked.slice(1).sort(), "one round of questions; no texts, there are none").toEqual(["entities.bin", "fidelity.json", "geom/0.bin"]);
    await server.answer("geom/0.bin", new Uint8Array(12));
    expect(drawing.drawable([0, 0, 10, 10]).complete, "colours are missing").toBe(false);
    await server.answer("entities.bin", new Uint8Array(8));
    expect(drawing.drawable([0, 0, 10, 10])).toEqual({ levels: new Map([[0, ["geom/0.bin"]]]), complete: true });
    expect(drawing.fidelity).toBeNull();
  });

  it("asks again for a report that did not come, so that what is not shown is told", async () => {
    const server = serve();
    const opening = SheetDrawing.open("/r/x/model/");
    await server.answer("manifest.json", JSON.stringify(manifest));
    const drawing = await opening;
    void drawing.load();
    await server.answer("entities.bin", new Uint8Array(8));
    await server.answer("geom/0.bin", new Uint8Array(12));
    await server.answer("fidelity.json", null, 503);
    expect([...drawing.failed.keys()]).toEqual(["fidelity.json"]);
    drawing.retry();
    await server.answer("fidelity.json", JSON.stringify({ v: 1, verdict: "warn" }));
    expect(drawing.fidelity?.verdict).toBe("warn");
    expect(drawing.failed.size).toBe(0);
  });
});
