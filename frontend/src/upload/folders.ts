/** Files of a folder that was dropped or chosen, each with its place in it. */

export interface Found {
  file: File;
  /** As the browser names it: 建筑/一层平面图.dwg; the name alone for a single file. */
  path: string;
}

const MOST = 2_000;

/** Files of `<input type=file>`, of a folder or not. */
export function ofInput(files: Iterable<File>): Found[] {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** Files of a drop, folders opened; must be called while the drop event is being handled. */
export async function ofDrop(transfer: DataTransfer | null): Promise<Found[]> {
  if (!transfer) return [];
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (entries.length === 0) return ofInput(transfer.files);
  const found: Found[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (found.length >= MOST) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const inner of some.sort((a, b) => a.name.localeCompare(b.name, "zh-CN", { numeric: true }))) await walk(inner, found);
  }
}
