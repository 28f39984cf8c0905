// Ajv's verdicts: {schema, documents} as JSON on standard input, one true or false for each document on standard output.
const Ajv = require("ajv");
const { schema, documents } = JSON.parse(require("fs").readFileSync(0, "utf8"));
// As the public catalogue checks its schemas: strict, with the words that only editors know.
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false, strictRequired: false, allErrors: true });
ajv.addVocabulary(["defaultSnippets", "markdownDescription", "markdownEnumDescriptions", "patternErrorMessage"]);
const validate = ajv.compile(schema);
console.log(JSON.stringify(documents.map((document) => validate(document))));
