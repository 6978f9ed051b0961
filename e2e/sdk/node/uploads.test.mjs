// Files of the own machine, through the SDK's upload.
import assert from "node:assert/strict";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import RunwayML, { toFile } from "@runwayml/sdk";
import * as s from "./support.mjs";

const client = s.sdk((await s.newTenant("node-uploads")).token);
const take = await s.footage(client);

const padded = (content, size) => Buffer.concat([content, Buffer.alloc(Math.max(0, size - content.length))]).subarray(0, Math.max(size, 0));
const usable = (type, uri) => s.validate(client, { ...take(), character: { type, uri } });

describe("uploads", { concurrency: 3 }, () => {
  for (const name of ["still.png", "still.jpg", "still.webp", "front.mp4", "clip.mov", "clip.webm", "clip.mkv", "clip.3gp", "clip.ogv"]) {
    for (const fileMetadata of [undefined, "scene=12; take=3"]) {
      test(`${name} is usable${fileMetadata ? " with metadata" : ""}`, async () => {
        // Runway wants 512 bytes, which no fixture here has to have
        const content = readFileSync(join(s.FIXTURES, name));
        const file = await toFile(padded(content, Math.max(512, content.length)), name);
        const { uri } = await client.uploads.createEphemeral({ file, fileMetadata });
        assert.match(uri, /^runway:\/\//);
        await usable(name.startsWith("still") ? "image" : "video", uri);
      });
    }
  }

  test("a stream from the disk is usable", async () => {
    await usable("image", (await client.uploads.createEphemeral({ file: createReadStream(s.CHARACTER) })).uri);
  });

  for (const name of ["ein Bild mit Ümläuten.png", "a\"quoted'.png", "😀.png"]) {
    test(`a file named ${name} is usable`, async () => {
      await usable("image", (await client.uploads.createEphemeral({ file: await toFile(readFileSync(s.CHARACTER), name) })).uri);
    });
  }

  for (const [name, size, word] of [
    ["small.png", 511, "EntityTooSmall"],
    ["large.png", 16 * 2 ** 20 + 1, "EntityTooLarge"],
    ["large.mp4", 32 * 2 ** 20 + 1, "EntityTooLarge"],
  ]) {
    test(`${size} bytes of ${name} are refused`, async () => {
      const file = await toFile(padded(readFileSync(s.CHARACTER), size), name);
      const refused = await s.rejection(client.uploads.createEphemeral({ file }));
      assert.ok(refused instanceof RunwayML.APIError);
      assert.equal(refused.status, 400);
      assert.match(refused.error.error, new RegExp(word));
    });
  }

  test("a URI without its file is refused", async () => {
    const { runwayUri } = await client.post("/v1/uploads", { body: { filename: "never.png", type: "ephemeral" } });
    const refused = await s.rejection(client.characterPerformance.create({ ...take(), character: { type: "image", uri: runwayUri } }));
    assert.ok(refused instanceof RunwayML.BadRequestError);
    assert.deepEqual(refused.error.issues.map((issue) => issue.path), [["character", "uri"]]);
  });
});
