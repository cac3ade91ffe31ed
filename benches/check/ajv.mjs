// Every descriptor below a folder, held against one schema in one process:
// node ajv.mjs SCHEMA FOLDER
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import yaml from 'js-yaml';

const [schema, folder] = process.argv.slice(2);
// The schemas carry keywords of our own, which ajv passes over.
const ajv = new Ajv2020.default({ allErrors: true, strict: false });
const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
let refused = 0;
for (const name of readdirSync(folder)) {
  for (const file of readdirSync(join(folder, name))) {
    const document = yaml.load(readFileSync(join(folder, name, file), 'utf8'));
    if (!validate(document)) {
      refused += 1;
      console.error(file, validate.errors);
    }
  }
}
process.exit(refused === 0 ? 0 : 1);
