// From the order to the film, and every way a task ends, as Runway's Node SDK sees it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import RunwayML, { TaskFailedError } from "@runwayml/sdk";
import * as s from "./support.mjs";

const tenant = await s.newTenant("node");
const client = s.sdk(tenant.token);
const take = await s.footage(client);

describe("performances", { concurrency: 4 }, () => {
  test("a performance is delivered and plays", async () => {
    const seed = s.newSeed();
    const created = client.characterPerformance.create(
      take({ seed, bodyControl: true, expressionIntensity: 4, ratio: "1280:720", contentModeration: { publicFigureThreshold: "low" }, tags: ["hero", "take"] }),
    );
    const { id, estimatedCost } = await created;
    assert.deepEqual(estimatedCost, { credits: 40 });
    const first = await client.tasks.retrieve(id);
    assert.ok(["PENDING", "THROTTLED", "RUNNING"].includes(first.status));
    assert.deepEqual(first.estimatedCost, { credits: 40 });

    const done = await created.waitForTaskOutput();
    assert.equal(done.status, "SUCCEEDED");
    assert.deepEqual(done.cost, { credits: 40 });
    const film = await s.download(done.output[0]);

    const { understudy } = await client.tasks.retrieve(id);
    assert.equal(understudy.charged, "yes");
    assert.equal(understudy.output.bytes, film.length);
    assert.deepEqual(understudy.tags, ["hero", "take"]);
    assert.equal(await s.provider.chargesOf(id), 1);

    const link = await s.call(tenant.token, "GET", `/tasks/${id}/output`);
    assert.equal(link.status, 302);
    assert.deepEqual(await s.download(link.headers.get("location")), film);
  });

  test("both prefixes answer alike", async () => {
    for (const prefix of ["", "/runwayml", "/runwayml/"]) {
      assert.ok((await s.validate(s.sdk(tenant.token, { baseURL: `${s.API_URL}${prefix}` }), take())).understudy.sentence);
    }
  });

  test("data: URIs are rendered", async () => {
    const data = (file, type) => `data:${type};base64,${readFileSync(file).toString("base64")}`;
    const { id } = await s.create(client, s.body(data(s.CHARACTER, "image/png"), data(s.REFERENCE, "video/mp4"), { seed: s.newSeed() }));
    assert.equal((await s.ended(client, id)).status, "SUCCEEDED");
  });

  test("s3: addresses are rendered", async () => {
    const { id } = await s.create(client, s.body(s.s3(tenant, take.character), s.s3(tenant, take.reference), { seed: s.newSeed() }));
    assert.equal((await s.ended(client, id)).status, "SUCCEEDED");
    assert.equal(await s.provider.chargesOf(id), 1);
  });

  test("https: addresses are rendered", async () => {
    // given a server that the provider reaches under another name, as nothing here speaks TLS
    const server = createServer(async (asked, answer) => {
      const file = asked.url.includes("character") ? s.CHARACTER : s.REFERENCE;
      const content = readFileSync(file);
      answer.writeHead(200, { "Content-Type": file === s.CHARACTER ? "image/png" : "video/mp4", "Content-Length": content.length }).end(content);
    });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    try {
      const seed = s.newSeed();
      await s.provider.fault(seed, "inputs", "elsewhere", { value: `http://127.0.0.1:${server.address().port}` });
      const order = s.body("https://footage.example/character.png", "https://footage.example/reference.mp4", { seed });
      assert.equal((await client.characterPerformance.create(order).waitForTaskOutput()).status, "SUCCEEDED");
      assert.equal(await s.provider.chargesOfSeed(seed), 1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("an https: address is checked by the provider, free of charge", async () => {
    const seed = s.newSeed();
    const order = s.body("https://footage.example.invalid/character.png", "https://footage.example.invalid/reference.mp4", { seed });
    const failed = await s.rejection(client.characterPerformance.create(order).waitForTaskOutput());
    assert.ok(failed instanceof TaskFailedError, String(failed));
    assert.deepEqual(failed.taskDetails.cost, { credits: 0 });
    assert.equal(await s.provider.chargesOfSeed(seed), 0);
  });

  for (const [how, action, code, more] of [
    ["failed", "fail", "INTERNAL.BAD_OUTPUT.CODE01", { code: "INTERNAL.BAD_OUTPUT.CODE01" }],
    ["moderated", "fail", "SAFETY.OUTPUT.VIDEO", { code: "SAFETY.OUTPUT.VIDEO" }],
    ["cancelled at the provider", "cancel", "PROVIDER.CANCELLED", {}],
  ]) {
    test(`a wait ends with the failure: ${how}`, async () => {
      const seed = s.newSeed();
      await s.provider.fault(seed, "task", action, more);
      const failed = await s.rejection(client.characterPerformance.create(take({ seed })).waitForTaskOutput());
      assert.ok(failed instanceof TaskFailedError, String(failed));
      assert.equal(failed.taskDetails.failureCode, code);
      assert.equal(failed.message, failed.taskDetails.failure);
      assert.ok(failed.message.length > 20);
      assert.equal(failed.taskDetails.understudy.charged, "unknown");
    });
  }

  test("a wait lives through throttling at the provider", async () => {
    const seed = s.newSeed();
    await s.provider.fault(seed, "task", "throttle", { seconds: 60 });
    const { id } = await client.characterPerformance.create(take({ seed }));
    await s.inState(client, id, "SUBMITTED");
    // this wait looks at once, and so meets the task at its beginning
    assert.equal((await client.tasks.retrieve(id).waitForTaskOutput()).status, "SUCCEEDED");
  });

  test("a waiting task is throttled, and cancelled with its money back", async () => {
    const small = await s.newTenant("node-one", { inflight: 1 });
    const one = s.sdk(small.token);
    const own = await s.footage(one);
    const slow = s.newSeed();
    await s.provider.fault(slow, "task", "render", { seconds: 12 });
    const holder = await s.create(one, own({ seed: slow }));
    const goesOn = one.characterPerformance.create(own({ seed: s.newSeed() }));
    await goesOn;
    const waits = one.characterPerformance.create(own({ seed: s.newSeed() }));
    const { id } = await waits;
    const waiting = s.rejection(waits.waitForTaskOutput());
    assert.equal((await one.tasks.retrieve(id)).status, "THROTTLED");

    await one.tasks.delete(id);

    assert.ok((await s.rejection(one.tasks.delete(id))) instanceof RunwayML.NotFoundError);
    const used = await s.usage(small.token);
    assert.ok(Math.abs(used.reservedUsd + used.chargedUsd - 0.8) < 0.001);
    assert.ok((await waiting) instanceof RunwayML.NotFoundError);
    assert.equal((await goesOn.waitForTaskOutput()).status, "SUCCEEDED");
    assert.equal((await s.ended(one, holder.id)).status, "SUCCEEDED");
    assert.deepEqual(await s.provider.tasksOf(id), []);
    assert.equal(await s.provider.chargesOf(holder.id, (await goesOn).id), 2);
  });

  test("a deleted task is hidden, and its render is paid", async () => {
    const seed = s.newSeed();
    await s.provider.fault(seed, "task", "render", { seconds: 20 });
    const { id } = await s.create(client, take({ seed }));
    await s.inState(client, id, "SUBMITTED");
    await client.tasks.delete(id);
    assert.ok((await s.rejection(client.tasks.retrieve(id))) instanceof RunwayML.NotFoundError);
    assert.ok((await s.rejection(client.tasks.delete(id))) instanceof RunwayML.NotFoundError);
    assert.equal(await s.provider.chargesOf(id), 1);
  });
});
