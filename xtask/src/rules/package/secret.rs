//! `package/secret`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Example, Level, Rule, SourceFile, Span};
use crate::rules::secrets::{ENCRYPTED_KEY, PRIVATE_KEY, Secret, hide, in_descriptor, in_text};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "package/secret",
    level: Level::Warn,
    fixed: false,
    summary: "a password, token or private key stands in clear in the package",
    docs: "\
## What it does

Looks for secrets

- in the descriptor: values of keys and of parameters whose name ends in
  `password`, `passphrase`, `secret`, `token` or `api-key`, parameters of the
  type `PASSWORD`, and the cloud-init texts in it;
- in the files of `cloud_init/`: `password:`, `plain_text_passwd:`, lists of
  `chpasswd`, `echo 'user:password' | chpasswd`, and assignments such as
  `DB_PASSWORD=`;
- in both, and in files that are called like keys (`*.pem`, `*.key`, `id_rsa`):
  private keys, with a passphrase or without: that of whoever signs has no business in
  what is signed.

Hashes, `{{ templates }}`, `$variables`, `<parameters>` and placeholders are no
secrets. The secret itself is shown in no report: in the source lines three stars
stand for it, in those of other findings as well.

## Why is this bad?

Whoever can read the package can log in to every instance that was ever made of
it, and packages are published. OSM takes it and says nothing.

## What to do

For a machine, use keys (`ssh_authorized_keys`) or a hash (`passwd: $6$...`).
For what differs from instance to instance, write `{{ password }}` in the
cloud-init file and give the value at the instantiation
(`additionalParamsForVnf`). A secret that was published once has to be changed.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: vm\n      cloud-init-file: cloud-config.txt\n",
            ),
            (
                "tiny_vnf/cloud_init/cloud-config.txt",
                "#cloud-config\npassword: osm4u\nssh_pwauth: True\n",
            ),
        ],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: vm\n      cloud-init-file: cloud-config.txt\n",
            ),
            (
                "tiny_vnf/cloud_init/cloud-config.txt",
                "#cloud-config\npassword: {{ password }}\nssh_pwauth: True\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.kind.is_osm()) {
        report(descriptor.doc.file(), in_descriptor(descriptor), out);
    }
    for (path, file) in &package.texts {
        if Package::may_hold_secrets(path) {
            report(file, in_text(file.text()), out);
        }
    }
}

fn report(file: &Arc<SourceFile>, secrets: Vec<Secret>, out: &mut Vec<Diagnostic>) {
    // Whatever the level of this rule, no report shows them.
    hide(file, &secrets);
    for secret in secrets {
        let what = secret.what;
        let message = match what {
            ENCRYPTED_KEY => format!("a {what} stands here"),
            _ => format!("a {what} stands here in clear"),
        };
        let help = match what {
            PRIVATE_KEY | ENCRYPTED_KEY => "keep the key outside of the package",
            _ => "use a key or a hash, or write `{{ name }}` and give the value at instantiation",
        };
        let note = match what {
            ENCRYPTED_KEY => "whoever has the package can try passphrases as long as he likes",
            _ => "whoever has the package has it; change it if the package was published",
        };
        out.push(
            Diagnostic::new(&RULE, Span::new(file, secret.key), message)
                .help(help)
                .note(note),
        );
    }
}
