// Verifies a bundle with a public key, as sigstore's own client does that asks no log for it.
//
//     judge.js BUNDLE PUBLIC-KEY
const { readFileSync } = require("node:fs");
const { createPublicKey } = require("node:crypto");
const { assertBundleLatest, bundleFromJSON } = require("@sigstore/bundle");
const { Verifier, toSignedEntity } = require("@sigstore/verify");

const [bundlePath, keyPath] = process.argv.slice(2);
const bundle = bundleFromJSON(JSON.parse(readFileSync(bundlePath, "utf8")));
assertBundleLatest(bundle);
const content = bundle.verificationMaterial.content;
// The certificate of somebody whom no log knows is not verified here, its form is.
if (content.$case === "publicKey") {
  const publicKey = createPublicKey(readFileSync(keyPath, "utf8"));
  const material = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey, validFor: () => true }),
  };
  const none = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  new Verifier(material, none).verify(toSignedEntity(bundle));
}
console.log(content.$case);
