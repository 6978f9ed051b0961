// More orders at once than there are places or money for. (The Python suite sends fifty.)
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import RunwayML from "@runwayml/sdk";
import * as s from "./support.mjs";

/** MaxInFlight of the stack that these tests need. */
const PLACES = 3;

/** Does something with each, so many at a time. */
async function atATime(people, many, work) {
  const waiting = many.entries();
  const done = [];
  await Promise.all(
    Array.from({ length: people }, async () => {
      for (const [index, one] of waiting) done[index] = await work(one);
    }),
  );
  return done;
}

describe("bursts", { concurrency: 1 }, () => {
  test("twenty orders all end, and never take more than their places", async () => {
    // given a tenant of its own, so that its tasks can be told from those of tests beside this one
    const tenant = await s.newTenant("node-twenty", { inflight: PLACES });
    const client = s.sdk(tenant.token);
    const take = await s.footage(client);
    const seeds = Array.from({ length: 20 }, s.newSeed);
    for (const seed of seeds) await s.provider.fault(seed, "task", "render", { seconds: 0.5 });

    // when they come ten at a time
    const ids = await atATime(10, seeds, async (seed) => (await s.create(client, take({ seed }))).id);

    // then
    assert.equal(new Set(ids).size, 20);
    const look = async () => {
      const { data } = (await s.call(tenant.token, "GET", "/tasks?limit=100")).json;
      return data.length === 20 && data.every((task) => ["SUCCEEDED", "FAILED"].includes(task.status)) && data;
    };
    const listed = await s.eventually("all twenty have ended", look, { patience: 330, every: 3 });
    assert.ok(listed.every((task) => task.status === "SUCCEEDED"));
    const rendered = await s.provider.tasksOf(...ids);
    assert.equal(rendered.length, 20);
    assert.ok(s.mostAtOnce(rendered) <= PLACES);
    assert.equal(await s.provider.chargesOf(...ids), 20);
    const used = await s.usage(tenant.token);
    assert.deepEqual([used.chargedUsd, used.reservedUsd, used.unknownUsd], [8, 0, 0]);
  });

  test("the cap is never passed in the middle of a burst", async () => {
    // given money for four
    const tenant = await s.newTenant("node-cap", { cap: "1.99" });
    const client = s.sdk(tenant.token);
    const take = await s.footage(client);

    // when ten come at once
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => s.create(client, take({ seed: s.newSeed() })).catch((refused) => refused)),
    );

    // then
    const ids = answers.filter((answer) => answer.id).map((answer) => answer.id);
    const refused = answers.filter((answer) => !answer.id);
    assert.equal(ids.length, 4);
    assert.ok(refused.every((error) => error instanceof RunwayML.APIError && error.status === 402));
    for (const id of ids) assert.equal((await s.ended(client, id)).status, "SUCCEEDED");
    assert.equal(await s.provider.chargesOf(...ids), 4);
    const used = await s.usage(tenant.token);
    assert.deepEqual([used.chargedUsd, used.reservedUsd, used.remainingUsd], [1.6, 0, 0.39]);
  });
});
