// Our own OpenAPI document, as a judge of every answer: the status, the content type and the shape must be documented.
import assert from "node:assert/strict";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const DOCUMENT = "urn:understudy:openapi";

export class Contract {
  #base;
  #document;
  #ajv;
  #paths;

  static async of(apiUrl) {
    const answer = await fetch(`${apiUrl}/openapi.json`);
    assert.equal(answer.status, 200);
    return new Contract(apiUrl, await answer.json());
  }

  constructor(apiUrl, document) {
    this.#base = new URL(apiUrl).pathname;
    this.#document = document;
    this.#ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
    this.#ajv.addSchema(document, DOCUMENT);
    this.#paths = Object.keys(document.paths).map((path) => ({
      path,
      pattern: new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{[^}]*\}/g, "[^/]+")}$`),
    }));
  }

  /** Throws for an answer of ours that is not documented; those of others, such as S3's, pass. */
  async check(method, url, response) {
    const path = new URL(url).pathname;
    if (!path.startsWith(this.#base) && !path.startsWith("/v1/")) return;
    const called = `${method} ${path}`;
    const operation = this.#operation(method, path);
    const { status } = response;
    const text = await response.text();
    assert.ok(operation || [401, 404, 405].includes(status), `${called} was answered ${status}, and is no route of the document`);
    if (text === "") {
      assert.ok(operation?.responses[status] && [204, 302].includes(status), `${called} was answered ${status} without a body`);
      return;
    }
    assert.match(response.headers.get("content-type"), /^application\/json(;|$)/, called);
    const body = JSON.parse(text, (name, value) => {
      assert.notEqual(value, null, `${called}: ${name} is null`);
      return value;
    });
    if (!operation) {
      assert.ok(body.error && Object.keys(body).every((key) => ["error", "issues"].includes(key)), `${called}: ${text}`);
      return;
    }
    assert.ok(operation.responses[status], `${called} was answered ${status}, which is not documented: ${text.slice(0, 300)}`);
    const valid = this.#ajv.compile({ $ref: `${DOCUMENT}${this.#schema(operation, status)}` });
    assert.ok(valid(body), `${called}: ${status} is not as documented: ${this.#ajv.errorsText(valid.errors)}`);
  }

  #operation(method, path) {
    const ours = path.slice(path.startsWith(this.#base) ? this.#base.length : 0);
    for (const candidate of [ours, ours.replace(/^\/runwayml/, ""), ours.replace(/^(\/runwayml)?\/v1/, "")]) {
      for (const { path: template, pattern } of this.#paths) {
        const found = this.#document.paths[template][method.toLowerCase()];
        if (found && pattern.test(candidate)) return { ...found, place: `#/paths/${escaped(template)}/${method.toLowerCase()}` };
      }
    }
    return undefined;
  }

  #schema(operation, status) {
    let response = operation.responses[status];
    let place = `${operation.place}/responses/${status}`;
    while (response.$ref) {
      place = response.$ref;
      response = place.slice(2).split("/").reduce((node, segment) => node[segment.replaceAll("~1", "/").replaceAll("~0", "~")], this.#document);
    }
    return `${place}/content/${escaped(Object.keys(response.content)[0])}/schema`;
  }
}

const escaped = (segment) => segment.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D");
