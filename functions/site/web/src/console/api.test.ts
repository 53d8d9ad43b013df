import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Bearer, HostAPI, NoAnswer, Problem, SignedOut } from "./api";

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
}

const sent: Sent[] = [];
let answers: (Response | Error)[];

/** A session whose tokens are "t1", "t2", … up to a last one. */
function signedIn(last: number): Bearer & { over: number } {
  let n = 1;
  return {
    over: 0,
    token: () => Promise.resolve(last === 0 ? undefined : `t${n}`),
    renew: (refused) => {
      if (refused === `t${n}` && n < last) n++;
      return Promise.resolve(refused === `t${n}` ? undefined : `t${n}`);
    },
    ended() {
      this.over++;
    },
  };
}

const ok = (body: unknown, headers: Record<string, string> = {}) => new Response(JSON.stringify(body), { status: 200, headers });
const problem = (status: number, code: string, errors?: unknown) => new Response(JSON.stringify({ status, code, detail: `about ${code}`, errors }), { status });
const unauthorized = () => new Response('{"message":"Unauthorized"}', { status: 401 });

beforeEach(() => {
  sent.length = 0;
  answers = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    sent.push({ method: init.method ?? "", url, headers: init.headers as Record<string, string>, body: init.body && JSON.parse(init.body as string) });
    const next = answers.shift() ?? new Error("no more answers");
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("a request", () => {
  it("carries the token and the language that is spoken now", async () => {
    let language: "ja" | "en" = "ja";
    const api = new HostAPI(signedIn(1), () => language);
    answers = [ok({ pages: [] }), ok({ pages: [] })];
    await api.pages();
    language = "en";
    await api.pages();
    expect(sent.map((s) => [s.headers.Authorization, s.headers["Accept-Language"]])).toEqual([
      ["Bearer t1", "ja"],
      ["Bearer t1", "en"],
    ]);
  });

  it("leaves out what is not looked for", async () => {
    answers = [ok({ bookings: [] })];
    await new HostAPI(signedIn(1), () => "ja").bookings({ when: "past", status: "", q: "山田 & 子" });
    expect(sent[0]?.url).toBe(`/api/host/bookings?${new URLSearchParams({ when: "past", q: "山田 & 子" })}`);
  });

  it("names the state that a change is made to, and returns the next one's name", async () => {
    answers = [ok({ slug: "intro" }, { ETag: '"8"' })];
    const saved = await new HostAPI(signedIn(1), () => "ja").savePage("intro", { slug: "intro" } as never, '"7"');
    expect(sent[0]).toMatchObject({ method: "PUT", headers: { "If-Match": '"7"' } });
    expect(saved.etag).toBe('"8"');
  });

  it.each([
    ["zoom", "/api/host/connections/zoom", 204],
    ["microsoft", "/api/host/connections/microsoft", 204],
  ] as const)("has nothing to read in the answer to disconnecting %s", async (provider, url, status) => {
    answers = [new Response(null, { status })];
    await new HostAPI(signedIn(1), () => "ja").disconnect(provider);
    expect(sent[0]).toMatchObject({ method: "DELETE", url });
  });
});

describe("a token that is refused", () => {
  it("is renewed once, and the request made again", async () => {
    const bearer = signedIn(2);
    answers = [unauthorized(), ok({ connections: [] })];
    expect(await new HostAPI(bearer, () => "ja").connections()).toEqual([]);
    expect(sent.map((s) => s.headers.Authorization)).toEqual(["Bearer t1", "Bearer t2"]);
    expect(bearer.over).toBe(0);
  });

  it("ends the session if the next one is refused too", async () => {
    const bearer = signedIn(2);
    answers = [unauthorized(), unauthorized(), ok({})];
    await expect(new HostAPI(bearer, () => "ja").connections()).rejects.toBeInstanceOf(SignedOut);
    expect([sent.length, bearer.over]).toEqual([2, 1]);
  });

  it("ends the session if there is no next one", async () => {
    const bearer = signedIn(1);
    answers = [unauthorized(), ok({})];
    await expect(new HostAPI(bearer, () => "ja").connections()).rejects.toBeInstanceOf(SignedOut);
    expect([sent.length, bearer.over]).toEqual([1, 1]);
  });
});

describe("an answer", () => {
  const api = () => new HostAPI(signedIn(1), () => "ja");

  it("that is a problem document is a Problem, with its fields", async () => {
    answers = [problem(422, "validation_failed", [{ field: "weekly.mon[0].to", code: "before_from", detail: "…" }])];
    const no = await api().createPage({}).catch((e: unknown) => e);
    expect(no).toMatchObject({ status: 422, code: "validation_failed", errors: [{ field: "weekly.mon[0].to" }] });
    expect(no).toBeInstanceOf(Problem);
  });

  it.each([
    ["no network", new TypeError("Failed to fetch")],
    ["a gateway's page", new Response("<html>502</html>", { status: 502 })],
    ["a gateway's JSON", new Response('{"message":"Internal Server Error"}', { status: 500 })],
    ["half an answer", new Response('{"bookings":[', { status: 200 })],
  ])("that tells nothing is none: %s", async (_, answer) => {
    answers = [answer];
    await expect(api().bookings({ when: "upcoming" })).rejects.toBeInstanceOf(NoAnswer);
  });

  it("that there is no profile means a first sign-in", async () => {
    answers = [problem(404, "profile_missing")];
    expect(await api().profile()).toBeUndefined();
  });

  it("that the profile is not found otherwise is a Problem", async () => {
    answers = [problem(404, "not_found")];
    await expect(api().profile()).rejects.toBeInstanceOf(Problem);
  });

  it("that nobody waits for any more is left alone", async () => {
    const aborter = new AbortController();
    aborter.abort(new Error("moved on"));
    answers = [new TypeError("aborted")];
    await expect(api().pages(aborter.signal)).rejects.toThrow("moved on");
  });
});
