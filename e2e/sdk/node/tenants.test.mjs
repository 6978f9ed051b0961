// Two tenants who try to reach each other: whatever is another's does not exist.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import RunwayML from "@runwayml/sdk";
import * as s from "./support.mjs";

const [mine, others] = await Promise.all([s.newTenant("node-mine"), s.newTenant("node-other")]);
const client = s.sdk(mine.token);
const stranger = s.sdk(others.token);
const [take, own] = await Promise.all([s.footage(client), s.footage(stranger)]);
const headers = { "Idempotency-Key": `key-${s.newSeed()}` };
const { id } = await s.create(client, take({ seed: s.newSeed(), tags: ["mine"] }), { headers });
const NOWHERE = "00000000-0000-0000-0000-000000000000";

describe("tenants", { concurrency: 4 }, () => {
  for (const [method, route] of [["GET", ""], ["DELETE", ""], ["GET", "/output"], ["GET", "/history"]]) {
    test(`${method} /tasks/{id}${route} is as if it did not exist`, async () => {
      const answer = await s.call(others.token, method, `/tasks/${id}${route}`);
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json, (await s.call(others.token, method, `/tasks/${NOWHERE}${route}`)).json);
    });
  }

  test("lists, cursors and money are one's own", async () => {
    await s.create(client, take({ tags: ["mine"] }));
    const { json } = await s.call(mine.token, "GET", "/tasks?limit=1");
    assert.equal((await s.call(others.token, "GET", `/tasks?cursor=${encodeURIComponent(json.nextCursor)}`)).status, 400);
    assert.deepEqual((await s.call(others.token, "GET", "/tasks?tag=mine")).json.data, []);
  });

  test("uploads, s3 keys and films are one's own", async () => {
    const film = (await s.ended(client, id)).understudy.output;
    for (const uri of [take.character, s.s3(mine, take.character), `s3://${film.bucket}/${film.key}`, `s3://${film.bucket}/inputs/${id}/character.png`]) {
      const refused = await s.rejection(stranger.characterPerformance.create({ ...own(), character: { type: "image", uri } }));
      assert.ok(refused instanceof RunwayML.BadRequestError, uri);
      assert.deepEqual(refused.error.issues.map((issue) => issue.path), [["character", "uri"]]);
    }
  });

  test("keys are one's own", async () => {
    const taken = await s.create(stranger, own(), { headers });
    assert.ok(!taken.replayed && taken.id !== id);
    assert.equal((await s.ended(stranger, taken.id)).status, "SUCCEEDED");
    assert.ok((await s.rejection(client.tasks.retrieve(taken.id))) instanceof RunwayML.NotFoundError);
  });

  test("a waiting order of mine cannot be cancelled by another", async () => {
    assert.ok((await s.rejection(stranger.tasks.delete(id))) instanceof RunwayML.NotFoundError);
    assert.equal((await s.ended(client, id)).status, "SUCCEEDED");
  });
});
