// Every error class of the SDK, with our one shape behind it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import RunwayML from "@runwayml/sdk";
import * as s from "./support.mjs";

const tenant = await s.newTenant("node-errors");
const client = s.sdk(tenant.token);
const take = await s.footage(client);

async function refused(promise, kind, status) {
  const error = await s.rejection(promise);
  assert.equal(error.constructor, kind, String(error));
  assert.equal(error.status, status);
  assert.ok(Object.keys(error.error).every((key) => ["error", "issues"].includes(key)));
  assert.match(error.error.error, /[.)?]$/);
  return error;
}

describe("errors", { concurrency: 4 }, () => {
  test("400 names all issues at once", async () => {
    const { error } = await refused(
      client.characterPerformance.create({ ...take({ ratio: "16:9", expressionIntensity: 9, seed: -1 }), model: "gen4", bodycontrol: true }),
      RunwayML.BadRequestError,
      400,
    );
    const paths = error.issues.map((issue) => issue.path.join("."));
    for (const path of ["model", "ratio", "expressionIntensity", "seed", "bodycontrol"]) assert.ok(paths.includes(path), path);
    assert.match(error.error, /more: see issues/);
  });

  test("401 for a wrong token", () => refused(s.sdk(`understudy_${"A".repeat(43)}`).tasks.retrieve("1"), RunwayML.AuthenticationError, 401));

  test("402 over the cap", async () => {
    const poor = s.sdk((await s.newTenant("node-poor", { cap: "0.39" })).token);
    const own = await s.footage(poor);
    assert.match((await refused(poor.characterPerformance.create(own()), RunwayML.APIError, 402)).error.error, /0\.39/);
  });

  test("403 on an admin's route", () => refused(client.post("/v1/pause", { body: { why: "I may not" } }), RunwayML.PermissionDeniedError, 403));

  for (const id of ["1", "a/../b", "%2e%2e", "...", "ü", "x".repeat(500), "00000000-0000-0000-0000-000000000000"]) {
    test(`404 for the task ${id.slice(0, 40)}`, async () => {
      await refused(client.tasks.retrieve(id), RunwayML.NotFoundError, 404);
      await refused(client.tasks.delete(id), RunwayML.NotFoundError, 404);
    });
  }

  test("404 for Runway's other routes, with a way out", async () => {
    const order = client.imageToVideo.create({ model: "gen4_turbo", promptImage: "https://footage.example/c.png", promptText: "x", ratio: "1280:720", duration: 5 });
    assert.match((await refused(order, RunwayML.NotFoundError, 404)).error.error, /character_performance/);
  });

  test("405 for another method", () => refused(client.put("/v1/character_performance", { body: {} }), RunwayML.APIError, 405));

  test("409 once, where there is no output yet", async () => {
    const seed = s.newSeed();
    await s.provider.fault(seed, "task", "render", { seconds: 4 });
    const { id } = await s.create(client, take({ seed }));
    const seen = [];
    await refused(s.sdk(tenant.token, { seen }).get(`/v1/tasks/${id}/output`), RunwayML.ConflictError, 409);
    assert.deepEqual(seen, [409]);
  });

  test("413 for a large body, with the way of uploads", async () => {
    const large = client.characterPerformance.create({ ...take(), character: { type: "image", uri: `data:image/png;base64,${"A".repeat(4_500_000)}` } });
    assert.match((await refused(large, RunwayML.APIError, 413)).error.error, /\/v1\/uploads/);
  });

  test("415 for another content type", () =>
    refused(client.post("/v1/character_performance", { body: {}, headers: { "Content-Type": "text/plain" } }), RunwayML.APIError, 415));

  test("400 for a body that is no JSON", () =>
    refused(client.post("/v1/uploads", { body: new TextEncoder().encode("{"), headers: { "Content-Type": "application/json" } }), RunwayML.BadRequestError, 400));
});
