/** Calls of the JSON API: same origin, CSRF token, an `Idempotency-Key` on everything unsafe, problem+json read into one error. */

/** A refusal of the server in plain words, with what to do next; `status` 0 means that no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly next: string;
  readonly fields: Record<string, string>;

  constructor(status: number, code: string, message: string, next = "", fields: Record<string, string> = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.next = next;
    this.fields = fields;
  }
}

function cookie(name: string): string {
  for (const part of document.cookie.split(";")) {
    const [key, ...rest] = part.trim().split("=");
    if (key === name) return decodeURIComponent(rest.join("="));
  }
  return "";
}

function words(value: unknown): string {
  return typeof value === "string" ? value : "";
}

async function problem(response: Response): Promise<ApiError> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === "object" && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON (a proxy's page): the status alone must do.
  }
  const fields: Record<string, string> = {};
  const errors = body["fields"] ?? body["errors"];
  if (typeof errors === "object" && errors !== null && !Array.isArray(errors)) {
    for (const [key, value] of Object.entries(errors)) fields[key] = Array.isArray(value) ? value.map(String).join(" ") : String(value);
  }
  const message = words(body["detail"]) || words(body["message"]) || words(body["title"]) || `HTTP ${response.status}`;
  return new ApiError(response.status, words(body["code"]), message, words(body["next_step"]) || words(body["next"]), fields);
}

export interface Call {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  /** Names the act; the same key twice is one act. Made when absent. */
  key?: string;
  signal?: AbortSignal;
}

/** Calls the API and returns the parsed answer; throws `ApiError`. `path` already holds the mandate's prefix. */
export async function call<T>(path: string, { method = "GET", body, key, signal }: Call = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    headers["X-CSRFToken"] = cookie("csrftoken");
    headers["Idempotency-Key"] = key ?? crypto.randomUUID();
  }
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "offline", "");
  }
  if (!response.ok) throw await problem(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}
