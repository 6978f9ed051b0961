// node validate.mjs READERS DEFINITION
// READERS is the folder the two validators are installed in (see validate.sh). Prints every finding and exits 1 if there is one.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [readers, definition] = process.argv.slice(2);
const require = createRequire(join(resolve(readers), "package.json"));
const text = readFileSync(definition, "utf8");

/** asl-validator: the fields of each state, JSONata's included, and the syntax of every expression. */
function schemaFindings() {
  const validate = require("asl-validator");
  return validate(JSON.parse(text)).errors.map((error) => `asl-validator: ${error.Message}`);
}

/** AWS's language service: names that lead nowhere, states that nothing leads to. */
async function languageFindings() {
  const { getLanguageService, TextDocument } = require("amazon-states-language-service");
  const service = getLanguageService({});
  const document = TextDocument.create(`file://${resolve(definition)}`, "asl", 1, text);
  const diagnostics = await service.doValidation(document, service.parseJSONDocument(document));
  return diagnostics.map(({ range, message }) => `amazon-states-language-service: line ${range.start.line + 1}: ${message}`);
}

const findings = [...schemaFindings(), ...(await languageFindings())];
findings.forEach((finding) => console.error(finding));
console.log(`${definition}: ${findings.length === 0 ? "no findings" : `${findings.length} finding(s)`}`);
process.exitCode = findings.length === 0 ? 0 : 1;
