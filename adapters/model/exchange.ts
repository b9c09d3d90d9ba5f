/** What came back over the wire, whatever the client made of it. */
export interface Exchange {
  status: number;
  headers: Headers;
  /** The JSON of the body; undefined where it was none. */
  body: unknown;
}

const LONGEST_BYTES = 2_000_000;

/**
 * A `fetch` that remembers the last whole answer: the client drops refusals, and the usage of answers that it throws
 * away. `amend` has the last word on what is sent. It reads the body to its end under the request's own signal, so that a body that stalls ends with it.
 */
export function createRecorder(amend: (body: Record<string, unknown>) => Record<string, unknown>): {
  fetch: typeof fetch;
  last(): Exchange | undefined;
} {
  let last: Exchange | undefined;
  const recorded = async (input: string | URL | Request, init?: RequestInit) => {
    const response = await fetch(input, { ...init, ...amended(init?.body, amend) });
    const text = await readAll(response);
    const { status, headers } = response;
    last = { status, headers, body: parse(text) };
    return new Response(text === "" ? null : text, { status, headers });
  };
  return { fetch: recorded as typeof fetch, last: () => last };
}

function amended(body: unknown, amend: Parameters<typeof createRecorder>[0]): { body?: string } {
  if (typeof body !== "string") return {};
  return { body: JSON.stringify(amend(JSON.parse(body) as Record<string, unknown>)) };
}

async function readAll(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > LONGEST_BYTES) throw new Error("the answer is larger than any draft");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
