//! The rules of which verification says that a package or an artifact breaks them, a build
//! that it can't be, and `onboard` that somebody else does not take it.
//!
//! Nothing looks for them in a tree, so that no configuration gives them another level:
//! that somebody who is trusted has signed is asked for by name, or by a policy.

use crate::diagnostic::{Level, Rule};

/// All of them.
pub static VERDICT_RULES: [&Rule; 9] = [
    &NOT_ADMITTED,
    &RENAMED,
    &UNATTESTED,
    &UNSIGNED,
    &UNTRUSTED,
    &MISLABELLED,
    &NOT_REBUILT,
    &UNWRITABLE,
    &NOT_ONBOARDED,
];

pub(super) static UNSIGNED: Rule = Rule {
    id: "trust/unsigned",
    level: Level::Deny,
    fixed: true,
    summary: "nobody has signed what must be signed",
    docs: "\
## What it does

Reports a finished package or an artifact without a signature, where `cargo nfv
verify` is told whose signatures count (`--key`, `--certificate-chain`) or a policy
asks for one. Of a package it is the signature in it: that of SHIELD's manifest, or
of the CSAR. Of an artifact it is one that hangs on it, as a bundle of sigstore or
under cosign's `.sig` tag.

## Why is this bad?

Whoever can write to the place can put another package there.

## What to do

Sign it: `cargo nfv build --sign-key KEY --sign-certificate CERTIFICATE` for packages, `cargo nfv sign` for what is
published. A copy with other tools leaves signatures behind; `cargo nfv copy -r`
takes them along.
",
    example: None,
};

pub(super) static UNTRUSTED: Rule = Rule {
    id: "trust/untrusted",
    level: Level::Deny,
    fixed: true,
    summary: "no signature by somebody who is trusted holds",
    docs: "\
## What it does

Reports a finished package or an artifact that is signed where no signature counts:
by somebody else, with a certificate that leads to none that is trusted or is not
valid now, or because what was signed has been changed. The message says it of each
signature. Where nobody says whose signatures count, a signature of nothing is a
warning.

## Why is this bad?

It is not what somebody who is trusted has made, or it was changed since.

## What to do

Ask whoever made it for the certificate or the key, by another way than this package
came, and give it with `--certificate-chain` or `--key`. If it was changed, fetch it
again; never make the message go away by trusting what came with the package.
",
    example: None,
};

pub(super) static UNATTESTED: Rule = Rule {
    id: "trust/unattested",
    level: Level::Deny,
    fixed: true,
    summary: "an attestation that is wanted is not there or does not count",
    docs: "\
## What it does

Reports an artifact without an attestation that `--attestation` or a policy asks for
(`provenance`, `sbom-spdx`, `vuln`, …), or where those that are there do not count:
made by somebody else, about another artifact, changed, or too old. The message says
it of each.

## Why is this bad?

What is wanted to be known of the artifact, nobody who is trusted has said.

## What to do

Make it: `cargo nfv attest` signs a statement and hangs it on the artifact, and
`cargo nfv publish --provenance` makes the one on how it was built. A file that
hangs there unsigned (`cargo nfv attach`) is no attestation. A file on the disk has
none at all: name the artifact.
",
    example: None,
};

pub(super) static NOT_ADMITTED: Rule = Rule {
    id: "trust/not-admitted",
    level: Level::Deny,
    fixed: true,
    summary: "the policy has no place for an artifact",
    docs: "\
## What it does

Reports an artifact that comes from a registry that the policy does not list, or one
that none of the rules of the policy is about.

## Why is this bad?

Policies fail closed: of what no rule speaks nobody has said that it may come in.

## What to do

Fetch it from a registry that is listed, or have the policy name it, in `registries`
or as a pattern of a rule.
",
    example: None,
};

pub(super) static RENAMED: Rule = Rule {
    id: "trust/renamed",
    level: Level::Deny,
    fixed: true,
    summary: "an artifact lies under another name or version than its own",
    docs: "\
## What it does

Holds the name of an artifact (the repository, or the name in a layout) and its tag, where
that is a version, against the id and the version in its config document, which is signed
with the manifest. Tags such as `stable` may point to any version. Of artifacts whose config
document says neither, as most of other programs, nothing is said.

In the layout of the tree it is an error, and so it is under a policy that does not list the
artifact as `renamed`. Of another place `verify` with `--key` or `--certificate-chain` warns.

## Why is this bad?

Nobody signs a tag. Whoever may write to the place can move it to another artifact of the same
signer, or to an older version in which a fault has not been mended; each is signed.

## What to do

Find out who has moved it. If the artifact was copied under another name on purpose, have the
policy list it: `renamed = [\"registry.example.org/mirror/**\"]`.
",
    example: None,
};

pub(super) static MISLABELLED: Rule = Rule {
    id: "verify/mislabelled",
    level: Level::Deny,
    fixed: true,
    summary: "the config document says something else than the package",
    docs: "\
## What it does

Holds the id and the version in the config document of a published package against
those of the descriptor in it.

## Why is this bad?

Who chooses a package reads the config document and gets something else: it was
replaced, or pushed with the document of another.

## What to do

Publish the package again from its sources.
",
    example: None,
};

pub(super) static NOT_REBUILT: Rule = Rule {
    id: "verify/not-rebuilt",
    level: Level::Deny,
    fixed: true,
    summary: "the sources do not give the package",
    docs: "\
## What it does

With `--rebuild`, builds the package from the source tree and compares the two, byte
for byte; each note names a member, or a field of its header, in which they differ.

## Why is this bad?

The same sources give the same bytes. The package was made from others, or changed.

## What to do

Check out the revision that it was built from, which its provenance names
(`cargo nfv inspect --referrers`), and verify again.
",
    example: None,
};

pub(super) static UNWRITABLE: Rule = Rule {
    id: "shield/unwritable",
    level: Level::Deny,
    fixed: true,
    summary: "the build can't fill in the manifest of a SHIELD package",
    docs: "\
## What it does

Reports a manifest into which `cargo nfv build` can't write `package`, `hash`,
`hashing_algorithm` and `descriptor`, or the digest of the attestation file, where they
stand: the value has an anchor (`&`) and is read at another place by an alias (`*`), or the
text would be another document than it should be. The package is not built; the others are.

It also reports a manifest that is to be signed and keeps an early form without `hash`
(`profile` in the table `shield` of the configuration).

## Why is this bad?

Another value there would change the other places as well.

A signature is one of the manifest, and says by the `hash` in it which package is inside.

## What to do

Write a value of its own for the key, without `&`, or the alias for this key and the anchor
at the other one: an alias is replaced. If nothing is shared, write the fields of the manifest in block style,
one a line.

To sign an early form, write `hash:` into it, which the build fills in; a Store of those
days may refuse the field.
",
    example: None,
};

pub(super) static NOT_ONBOARDED: Rule = Rule {
    id: "onboard/failed",
    level: Level::Deny,
    fixed: true,
    summary: "a package was not onboarded, for a reason that no other rule speaks of",
    docs: "\
## What it does

Tells, in the formats that are read by other programs (`junit`, `sarif`, `github`,
`gitlab`, `rdjson`, `markdown`), of the package at which `cargo nfv onboard` has ended: OSM
or a Store does not take it, or nobody can tell what became of it. The other formats have
words of their own for that. What a rule of `cargo nfv check` speaks of as well is told as a
finding of that rule.

## Why is this bad?

The run has failed, and a report without a failure would say otherwise.

## What to do

What the message says.
",
    example: None,
};
