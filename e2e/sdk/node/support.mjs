// The running stack as its environment names it (`. .local/test/stack.env`), and what the tests share.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { createReadStream } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after } from "node:test";
import { promisify } from "node:util";
import RunwayML from "@runwayml/sdk";
import { Contract } from "./contract.mjs";

export { pause };

export function variable(name) {
  assert.ok(process.env[name], `${name} is not set: docs/testing.md says which stack these tests need.`);
  return process.env[name];
}

export const ROOT = variable("ROOT");
export const API_URL = variable("API_URL").replace(/\/$/, "");
export const CHARACTER = join(ROOT, "local/sample/character.png");
export const REFERENCE = join(ROOT, "local/sample/reference.mp4");
export const FIXTURES = join(ROOT, "functions/core/src/test/resources/media");

const contract = await Contract.of(API_URL);
const undocumented = [];
after(() => assert.deepEqual(undocumented, [], "answers that are not documented"));

/** Notes an answer that is not documented: thrown into the SDK it would look like a broken connection, and be sent again. */
async function check(method, url, answer) {
  try {
    await contract.check(method, url, answer.clone());
  } catch (error) {
    undocumented.push(error.message);
  }
}

let seeds = randomInt(1, 4_000_000) * 1_000;
/** A seed that no other order has, so that the provider's ledger and faults tell them apart. */
export const newSeed = () => seeds++;

/** Looks until there is something to see, which is the answer. */
export async function eventually(what, look, { patience = 240, every = 1 } = {}) {
  const end = Date.now() + patience * 1000;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    assert.ok(Date.now() < end, `After ${patience} s it is not so that ${what}.`);
    await pause(every * 1000);
  }
}

// The API

/** Runway's own client. Every answer it gets is held against our OpenAPI document; `seen` collects the statuses. */
export function sdk(token, { baseURL = API_URL, checked = true, seen = [], ...options } = {}) {
  return new RunwayML({
    apiKey: token,
    baseURL,
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      seen.push(answer.status);
      if (checked) await check(init?.method ?? "GET", String(url), answer);
      return answer;
    },
    ...options,
  });
}

/** For the routes that Runway's client does not know. Paths are relative to /v1; redirects are shown, not followed. */
export async function call(token, method, path, body) {
  const answer = await fetch(`${API_URL}/v1${path}`, {
    method,
    redirect: "manual",
    headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  await check(method, `${API_URL}/v1${path}`, answer);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: text === "" ? undefined : JSON.parse(text) };
}

/** Orders through the SDK and says whether the answer was an earlier order's. */
export async function create(client, body, options) {
  const { data, response } = await client.characterPerformance.create(body, options).withResponse();
  assert.deepEqual(data, { id: data.id, estimatedCost: { credits: 40 } });
  return { id: data.id, replayed: response.headers.get("Idempotent-Replayed") === "true" };
}

export async function validate(client, body) {
  const answer = await client.post("/v1/character_performance", { body, query: { validate: "true" } });
  assert.equal(answer.valid, true);
  return answer;
}

/** The task once it has ended, looking more often than the SDK does. */
export async function ended(client, id) {
  return eventually(`task ${id} has ended`, async () => {
    const task = await client.tasks.retrieve(id);
    return ["SUCCEEDED", "FAILED"].includes(task.status) && task;
  });
}

export async function inState(client, id, ...states) {
  const look = async () => {
    const task = await client.tasks.retrieve(id);
    return states.includes(task.understudy.status) && task;
  };
  return eventually(`task ${id} is ${states.join(" or ")}`, look, { every: 0.5 });
}

export const usage = async (token) => (await call(token, "GET", "/usage")).json;

/** The error that a promise ends in. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("It was not refused.");
}

// Tenants

/** A tenant of its own, made as a person makes one: `make token TENANT=… CAP=… INFLIGHT=… ADMIN=1`. */
export async function newTenant(purpose, limits = {}) {
  const name = `${purpose}-${randomInt(16 ** 6).toString(16)}`;
  const wanted = Object.fromEntries(Object.entries(limits).map(([key, value]) => [key.toUpperCase(), String(value)]));
  const env = { ...process.env, STACK: variable("STACK_NAME"), TENANT: name, ...wanted };
  const { stdout } = await promisify(execFile)("make", ["-s", "token"], { cwd: ROOT, env });
  return { name, token: stdout.match(/understudy_[A-Za-z0-9_-]{43}/)[0] };
}

/** An upload as an address in the bucket. */
export const s3 = (tenant, uri) => `s3://${variable("BUCKET")}/uploads/${tenant.name}/${uri.slice("runway://".length)}`;

// Footage

export const upload = async (client, file, more = {}) => (await client.uploads.createEphemeral({ file: createReadStream(file), ...more })).uri;

export const body = (character, reference, more = {}) => ({
  model: "act_two",
  character: { type: "image", uri: character },
  reference: { type: "video", uri: reference },
  ...more,
});

/** Uploads the sample; the answer makes bodies of it. */
export async function footage(client) {
  const [character, reference] = await Promise.all([upload(client, CHARACTER), upload(client, REFERENCE)]);
  return Object.assign((more) => body(character, reference, more), { character, reference });
}

/** The film, if it is an MP4 whose boxes end where the file ends; decoding every frame is the Python suite's part. */
export async function download(url) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "video/mp4");
  const film = Buffer.from(await answer.arrayBuffer());
  const boxes = [];
  let at = 0;
  while (at < film.length) {
    boxes.push(film.toString("latin1", at + 4, at + 8));
    const size = film.readUInt32BE(at);
    at += size === 1 ? Number(film.readBigUInt64BE(at + 8)) : size;
  }
  assert.equal(at, film.length);
  assert.equal(boxes[0], "ftyp");
  assert.ok(boxes.includes("moov") && boxes.includes("mdat"));
  return film;
}

// The simulated provider

const admin = async (path, body) => {
  const answer = await fetch(`${variable("PROVIDER_URL")}/admin/${path}`, body && { method: "POST", body: JSON.stringify(body) });
  assert.equal(answer.status, 200);
  return answer.json();
};

/** Its back door: faults, and the ledger of what it charged. */
export const provider = {
  fault: (seed, on, action, more = {}) => admin("faults", { seed, on, action, ...more }),

  /** What it rendered for tasks of ours, told by the pinned input it fetched and by none of our records. */
  async tasksOf(...ids) {
    return (await admin("ledger")).tasks.filter((one) => ids.some((id) => one.character.includes(`/inputs/${id}/`)));
  },

  async chargesOf(...ids) {
    const { tasks, charges } = await admin("ledger");
    const theirs = new Set(tasks.filter((one) => ids.some((id) => one.character.includes(`/inputs/${id}/`))).map((one) => one.id));
    return charges.filter((charge) => theirs.has(charge.providerTaskId)).length;
  },

  chargesOfSeed: async (seed) => (await admin(`ledger?seed=${seed}`)).charges.length,
};

/** The most of these that were unfinished at the provider at one moment. */
export function mostAtOnce(tasks) {
  const moments = tasks.flatMap((one) => [[one.acceptedAt, 1], [one.finishedAt, -1]]).sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x - y));
  let now = 0;
  return Math.max(...moments.map(([, step]) => (now += step)));
}

// A connection that breaks

/**
 * Stands between a client and the API, and spoils creates. `spoil(n, send)` handles the n-th create, counted from 1: it may call `send`, which
 * answers with {status, headers, content}, and returns what the client shall get, or null to cut the connection.
 */
export async function behindProxy(spoil, use) {
  const retryCounts = [];
  const server = createServer(async (asked, answer) => {
    const chunks = [];
    for await (const chunk of asked) chunks.push(chunk);
    const send = () => relay(asked, Buffer.concat(chunks));
    let told;
    if (asked.method === "POST" && asked.url.startsWith("/v1/character_performance")) {
      const n = retryCounts.push(asked.headers["x-stainless-retry-count"]);
      told = await spoil(n, send);
    } else {
      told = await send();
    }
    if (told === null) {
      asked.socket.resetAndDestroy();
      return;
    }
    answer.writeHead(told.status, told.headers).end(told.content);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    await use(`http://127.0.0.1:${server.address().port}`, retryCounts);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function relay(asked, content) {
  const { host, connection, "accept-encoding": _, ...headers } = asked.headers;
  return new Promise((resolve, reject) => {
    const upstream = new URL(`${API_URL}${asked.url}`);
    request(upstream, { method: asked.method, headers }, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      const { connection: __, "transfer-encoding": ___, "content-length": ____, ...kept } = answer.headers;
      resolve({ status: answer.statusCode, headers: kept, content: Buffer.concat(chunks) });
    })
      .on("error", reject)
      .end(content);
  });
}

/** A promise with its resolver. */
export function signal() {
  let give;
  const given = new Promise((resolve) => (give = resolve));
  return { given, give };
}
