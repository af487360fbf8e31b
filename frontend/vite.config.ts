import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
const entries = join(here, "src", "entries");
const dist = join(here, "dist");

/** Writes dist/icons.json: the inner markup of every Lucide icon, which `{% icon "name" %}` puts inline. */
function lucideIcons(): Plugin {
  return {
    name: "lianshen-icons",
    apply: "build",
    closeBundle() {
      const nodes = JSON.parse(
        readFileSync(join(here, "node_modules", "lucide-static", "icon-nodes.json"), "utf8"),
      ) as Record<string, [string, Record<string, string>][]>;
      const icons: Record<string, string> = {};
      for (const [name, parts] of Object.entries(nodes)) {
        icons[name] = parts
          .map(([tag, attributes]) => {
            const written = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`);
            return `<${tag} ${written.join(" ")}/>`;
          })
          .join("");
      }
      mkdirSync(dist, { recursive: true });
      writeFileSync(join(dist, "icons.json"), JSON.stringify(icons));
    },
  };
}

// Every file in src/entries is a page script; `{% vite "site.ts" %}` finds its hashed name in dist/manifest.json.
const inputs = Object.fromEntries(
  readdirSync(entries)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts") && !name.endsWith(".test.ts"))
    .map((name) => [name.replace(/\.ts$/, ""), join(entries, name)]),
);

export default defineConfig({
  root: here,
  base: "/static/dist/",
  publicDir: false,
  plugins: [lucideIcons()],
  worker: { format: "es" },
  build: {
    outDir: dist,
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    sourcemap: false,
    // Inlined assets would be data: addresses, which the content security policy refuses for fonts and workers.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: inputs },
  },
});
