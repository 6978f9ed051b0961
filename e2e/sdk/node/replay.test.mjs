// An order that is sent again is not paid again; a second take that is meant is.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import RunwayML from "@runwayml/sdk";
import * as s from "./support.mjs";

const tenant = await s.newTenant("node-replay");
const client = s.sdk(tenant.token);
const take = await s.footage(client);

// A body that nobody else sends: what makes two sends the same order is the body.
const newBody = (withSeed) => (withSeed ? take({ seed: s.newSeed() }) : take({ tags: [`t${s.newSeed()}`] }));

async function ordersOf(body) {
  return (await s.call(tenant.token, "GET", `/tasks?tag=${body.tags[0]}`)).json.data.map((task) => task.id).sort();
}

async function paidOnce(body, id) {
  if (body.tags) assert.deepEqual(await ordersOf(body), [id]);
  assert.equal((await s.ended(client, id)).status, "SUCCEEDED");
  assert.equal(await s.provider.chargesOf(id), 1);
}

describe("replay", { concurrency: 4 }, () => {
  test("a body with a seed is one order however often it is sent", async () => {
    const body = newBody(true);
    const first = await s.create(client, body);
    assert.deepEqual(await s.create(client, body), { id: first.id, replayed: true });
    assert.equal((await s.validate(client, body)).understudy.taskId, first.id);
    await paidOnce(body, first.id);
    assert.equal(await s.provider.chargesOfSeed(body.seed), 1);
    assert.deepEqual(await s.create(client, body), { id: first.id, replayed: true });
  });

  test("a key is one order, and refuses another body", async () => {
    const headers = { "Idempotency-Key": `key-${s.newSeed()}` };
    const body = newBody(false);
    const first = await s.create(client, body, { headers });
    assert.deepEqual(await s.create(client, body, { headers }), { id: first.id, replayed: true });
    const seen = [];
    const conflict = await s.rejection(s.create(s.sdk(tenant.token, { seen }), { ...body, ratio: "960:960" }, { headers }));
    assert.ok(conflict instanceof RunwayML.ConflictError);
    assert.deepEqual(seen, [409], "a conflict is not sent again");
    await paidOnce(body, first.id);
  });

  test("a second take is a second order", async () => {
    const body = newBody(false);
    const [first, second] = [await s.create(client, body), await s.create(client, body)];
    assert.ok(first.id !== second.id && !second.replayed);
    assert.deepEqual(await ordersOf(body), [first.id, second.id].sort());
    for (const { id } of [first, second]) assert.equal((await s.ended(client, id)).status, "SUCCEEDED");
    assert.equal(await s.provider.chargesOf(first.id, second.id), 2);
  });

  for (const withSeed of [true, false]) {
    const kind = withSeed ? "with a seed" : "without a seed";

    test(`an order is paid once when its answers are lost, ${kind}`, async () => {
      const body = newBody(withSeed);
      const spoil = async (n, send) => {
        const answer = await send();
        return n === 3 ? answer : null;
      };
      await s.behindProxy(spoil, async (baseURL, retryCounts) => {
        const { id } = await s.create(s.sdk(tenant.token, { baseURL }), body);
        assert.deepEqual(retryCounts, ["0", "1", "2"]);
        await paidOnce(body, id);
      });
    });

    test(`an order is paid once when its answer comes after the next send, ${kind}`, async () => {
      const body = newBody(withSeed);
      const again = s.signal();
      const spoil = async (n, send) => {
        const answer = await send();
        if (n === 1) await again.given;
        else again.give();
        return answer;
      };
      await s.behindProxy(spoil, async (baseURL, retryCounts) => {
        const { id } = await s.create(s.sdk(tenant.token, { baseURL, timeout: 15_000 }), body);
        assert.deepEqual(retryCounts, ["0", "1"]);
        await paidOnce(body, id);
      });
    });

    for (const together of [false, true]) {
      test(`an order is paid once when its first send arrives ${together ? "together with" : "after"} the next, ${kind}`, async () => {
        const body = newBody(withSeed);
        const next = s.signal();
        const late = s.signal();
        const spoil = async (n, send) => {
          if (n === 1) {
            await next.given;
            late.give(await send());
            return null;
          }
          if (together) next.give();
          const answer = await send();
          next.give();
          return answer;
        };
        await s.behindProxy(spoil, async (baseURL) => {
          const { id } = await s.create(s.sdk(tenant.token, { baseURL, timeout: 15_000 }), body);
          assert.equal(JSON.parse((await late.given).content).id, id);
          await paidOnce(body, id);
        });
      });
    }
  }

  test("an order is taken when the gateway turns its first sends away", async () => {
    const body = newBody(false);
    const away = { status: 429, headers: { "Content-Type": "application/json" }, content: '{"message":"Too Many Requests"}' };
    await s.behindProxy(async (n, send) => (n === 3 ? send() : away), async (baseURL) => {
      await paidOnce(body, (await s.create(s.sdk(tenant.token, { baseURL, checked: false }), body)).id);
    });
  });
});
