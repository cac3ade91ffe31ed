//! The rules of which a migration says that it breaks them.

use crate::diagnostic::{Level, Rule};

/// All of them.
pub static RULES: [&Rule; 4] = [&ASSUMED, &DROPPED, &LOST, &UNREADABLE];

pub(super) static LOST: Rule = Rule {
    id: "migrate/lost",
    level: Level::Deny,
    fixed: false,
    summary: "a migration would lose what a descriptor asks for",
    docs: "\
## What it does

Names each part of a descriptor in OSM's information model before release NINE
that SOL006, in OSM's flavour, can't say, and on which it depends what is
deployed or how it is run. `cargo nfv migrate` speaks of it, `cargo nfv check`
does not.

## Why is this bad?

The function or the service would come up without it, and nobody would be told.
So nothing is written for this package.

## What to do

Decide what takes its place; the note says what there is. Then run `cargo nfv
migrate --allow-loss`, which carries over everything else, and put it in.

The models are those of OSM's releases TWO to EIGHT and FIFTEEN; what goes where
is in `docs/migrate.md`.
",
    example: None,
};

pub(super) static DROPPED: Rule = Rule {
    id: "migrate/dropped",
    level: Level::Warn,
    fixed: false,
    summary: "a migration leaves out what people read",
    docs: "\
## What it does

Names each short name, icon and the like in a descriptor of OSM's information
model before release NINE for which SOL006 has no place, and the comments that
stand at what has none. `cargo nfv migrate` speaks of it, `cargo nfv check` does
not.

## Why is this bad?

It is gone, although nothing that is deployed depends on it.

## What to do

Nothing, or write it into a comment or a `description`.
",
    example: None,
};

pub(super) static ASSUMED: Rule = Rule {
    id: "migrate/assumed",
    level: Level::Warn,
    fixed: false,
    summary: "a migration had to take something for granted",
    docs: "\
## What it does

Names each place where SOL006 wants to know more than OSM's information model
before release NINE said, or says it in other words: which connection point the
VDU is managed at, how far apart the members of a group are kept. `cargo nfv
migrate` speaks of it, `cargo nfv check` does not.

## Why is this bad?

It may not be what was meant.

## What to do

Look at the place in the new descriptor.
",
    example: None,
};

pub(super) static UNREADABLE: Rule = Rule {
    id: "migrate/unreadable",
    level: Level::Deny,
    fixed: false,
    summary: "a descriptor can't be migrated",
    docs: "\
## What it does

Names a descriptor of OSM's information model before release NINE that can't be
read to its end, or of which it can't be told what it describes: its YAML is
broken, it has no body or no id, or it has several. `cargo nfv migrate` speaks of
it; `cargo nfv check` says exactly what is wrong.

## Why is this bad?

Half a descriptor would come out.

## What to do

Mend the descriptor first, or take it apart: a file of SOL006 holds one.
",
    example: None,
};
