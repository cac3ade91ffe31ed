//! `vm-flavor`, `guest-epa`, `host-epa` and `hypervisor-epa`: what a machine is made of.

use super::fields::{Field, Fields, Kind, Same, raw};
use super::losses;
use super::tree::{Entry, List, Map, Value};
use super::vdu::same;
use crate::yaml::{Node, Shape};

/// What a VDU asks of its host.
#[derive(Default)]
pub(super) struct Hardware {
    /// The description of processors and memory.
    pub compute: Option<Map>,
    /// What is said of the disk that it boots from.
    pub disk: Map,
    /// The limits of its interfaces.
    pub vif_quota: Option<Map>,
}

const QUOTA: Same = Same {
    keys: &[
        ("limit", Kind::Leaf),
        ("reserve", Kind::Leaf),
        ("shares", Kind::Leaf),
    ],
};

const THREADS: Same = Same {
    keys: &[("thread-a", Kind::Leaf), ("thread-b", Kind::Leaf)],
};

const PAIRED: Same = Same {
    keys: &[
        ("num-paired-threads", Kind::Leaf),
        ("paired-thread-ids", Kind::List(&THREADS)),
    ],
};

const VCPU: Same = Same {
    keys: &[("id", Kind::Leaf)],
};

const NODE: Same = Same {
    keys: &[
        ("id", Kind::Leaf),
        ("vcpu", Kind::List(&VCPU)),
        ("memory-mb", Kind::Leaf),
        ("num-cores", Kind::Leaf),
        ("paired-threads", Kind::Map(&PAIRED)),
        ("num-threads", Kind::Leaf),
    ],
};

const NUMA: Same = Same {
    keys: &[
        ("node-cnt", Kind::Leaf),
        ("mem-policy", Kind::Leaf),
        ("node", Kind::List(&NODE)),
    ],
};

/// Takes everything that describes the machine of a VDU.
pub(super) fn hardware(own: &Fields<'_, '_>, id: &str) -> Hardware {
    let mut found = Hardware::default();
    let mut cpu = Map::default();
    let mut memory = Map::default();
    let mut capabilities = List::default();
    let mut notes = own.peek("vm-flavor").map(|f| f.notes()).unwrap_or_default();
    if let Some(flavour) = own.sub("vm-flavor") {
        notes = notes.and(flavour.notes());
        cpu.entry(flavour.copy("vcpu-count", "num-virtual-cpu"));
        memory.entry(size(&flavour));
        found
            .disk
            .entry(flavour.copy("storage-gb", "size-of-storage"));
        flavour.finish(losses::NOTHING);
    }
    if let Some(guest) = own.sub("guest-epa") {
        let own = own.peek("guest-epa").map(|field| field.notes());
        notes = notes.and(own.unwrap_or_default()).and(guest.notes());
        self::guest(&guest, &mut cpu, &mut memory, &mut found);
    }
    host(own, &mut cpu);
    hypervisor(own, &mut capabilities);
    let mut compute = Map {
        notes,
        ..Map::default()
    };
    compute.text("id", format!("{id}-compute"));
    compute.map("virtual-cpu", cpu);
    compute.map("virtual-memory", memory);
    compute.list("request-additional-capability", capabilities);
    if compute.entries.len() > 1 {
        found.compute = Some(compute);
    }
    found
}

/// `memory-mb` in the unit of the new model, GiB, to the last digit.
fn size(flavour: &Fields<'_, '_>) -> Option<Entry> {
    let field = flavour.take("memory-mb")?;
    let text = field.scalar(&flavour.what)?.str()?;
    let Ok(mebibytes) = text.parse::<u32>() else {
        let message = format!(
            "`memory-mb` of {} is `{text}`, which is no amount of memory",
            flavour.what
        );
        flavour.work.lose(field.span(), message, "");
        return None;
    };
    Some(Entry {
        key: "size".to_owned(),
        value: Value::Plain(gibibytes(mebibytes)),
        notes: field.notes(),
    })
}

/// A number of MiB as one of GiB. Ten digits hold every 1024th.
fn gibibytes(mebibytes: u32) -> String {
    let whole = mebibytes / 1024;
    let part = u64::from(mebibytes % 1024) * 10_000_000_000 / 1024;
    let digits = format!("{part:010}");
    let digits = digits.trim_end_matches('0');
    match digits {
        "" => format!("{whole}.0"),
        digits => format!("{whole}.{digits}"),
    }
}

fn guest(guest: &Fields<'_, '_>, cpu: &mut Map, memory: &mut Map, found: &mut Hardware) {
    memory.entry(guest.copy("mempage-size", "mempage-size"));
    if guest.peek("numa-node-policy").is_some() {
        memory.plain("numa-enabled", true);
        same(guest, "numa-node-policy", &NUMA, memory);
    } else if guest.take("numa-unaware").is_some() {
        memory.plain("numa-enabled", false);
    }
    let _ = guest.take("numa-unaware");
    same(guest, "mem-quota", &QUOTA, memory);
    let mut pinning = Map::default();
    pinning.entry(policy(guest));
    pinning.entry(threads(guest));
    cpu.map("pinning", pinning);
    same(guest, "cpu-quota", &QUOTA, cpu);
    same(guest, "disk-io-quota", &QUOTA, &mut found.disk);
    if let Some(quota) = guest.sub("vif-quota") {
        found.vif_quota = Some(QUOTA.carry(&quota, losses::NOTHING));
    }
    guest.finish(losses::GUEST);
}

/// `ANY` asks for nothing.
fn policy(guest: &Fields<'_, '_>) -> Option<Entry> {
    let field = guest.take("cpu-pinning-policy")?;
    let word = field.scalar(&guest.what)?.str()?;
    let new = match word.to_ascii_uppercase().as_str() {
        "DEDICATED" => "static",
        "SHARED" => "dynamic",
        "ANY" => return None,
        _ => {
            let message = format!("the `cpu-pinning-policy` `{word}` is unknown");
            guest.work.lose(field.span(), message, "");
            return None;
        }
    };
    Some(Entry {
        key: "policy".to_owned(),
        value: Value::Text(new.to_owned()),
        notes: field.notes(),
    })
}

fn threads(guest: &Fields<'_, '_>) -> Option<Entry> {
    let field = guest.take("cpu-thread-pinning-policy")?;
    let word = field.scalar(&guest.what)?.str()?;
    if !["ISOLATE", "PREFER"].contains(&word) {
        let message = format!("the `cpu-thread-pinning-policy` `{word}` has no counterpart");
        let why = "the new model has REQUIRE, ISOLATE and PREFER";
        guest.work.lose(field.span(), message, why);
        return None;
    }
    field.copy("thread-policy", &guest.what)
}

/// What is asked of the host's processor becomes free requirements, which is all
/// that the new model has; OSM does not read them.
fn host(own: &Fields<'_, '_>, cpu: &mut Map) {
    let Some(field) = own.take("host-epa") else {
        return;
    };
    let Some(host) = field.sub(format!("`host-epa` of {}", own.what), &own.what) else {
        return;
    };
    let mut list = List::with(field.notes());
    for entry in host.node.entries() {
        let key = entry.name();
        let Some(own_field) = host.take(key) else {
            continue;
        };
        let value = match entry.value().shape() {
            Shape::Scalar => raw(entry.value()),
            _ => Value::Text(features(&host, key, own_field).join(" ")),
        };
        if value == Value::Text(String::new()) {
            continue;
        }
        let text = match value {
            Value::Plain(text) | Value::Text(text) => text,
            _ => continue,
        };
        let mut item = Map {
            notes: own.work.comments.take(entry.key_at().start),
            ..Map::default()
        };
        item.text("key", key);
        item.text("value", text);
        list.push(item);
    }
    host.finish(losses::NOTHING);
    if !list.is_empty() {
        let message = format!(
            "`host-epa` of {} is kept as `vdu-cpu-requirements`, which OSM does not read",
            own.what
        );
        own.work.assume(field.span(), message);
    }
    cpu.list("vdu-cpu-requirements", list);
}

/// The items of a list of features, each a mapping with its name or, as the early releases had it,
/// a text.
fn features<'a>(host: &Fields<'_, 'a>, key: &str, field: Field<'_, 'a>) -> Vec<&'a str> {
    let what = format!("an item of `{key}` of {}", host.what);
    let lose = |item: Node<'_>| {
        let message = format!("{what} names no feature");
        host.work.lose(item.span(), message, "");
    };
    let mut features = Vec::new();
    for item in field.items(&host.what) {
        match item.shape() {
            Shape::Scalar => features.extend(item.str()),
            Shape::Mapping => {
                let own = Fields::new(host.work, item, what.as_str());
                let first = item.entries().find(|entry| !entry.value().is_null());
                let feature = first.and_then(|entry| own.take(entry.name()));
                match feature.and_then(|field| field.scalar(&what)) {
                    Some(feature) => features.extend(feature.str()),
                    None => lose(item),
                }
                own.finish(losses::NOTHING);
            }
            Shape::Sequence => lose(item),
        }
    }
    features
}

/// The hypervisor becomes a capability that the VDU asks for; OSM does not read it.
fn hypervisor(own: &Fields<'_, '_>, capabilities: &mut List) {
    let Some(field) = own.take("hypervisor-epa") else {
        return;
    };
    let Some(wanted) = field.sub(format!("`hypervisor-epa` of {}", own.what), &own.what) else {
        return;
    };
    let kind = wanted.text("type").map(str::to_owned);
    let version = wanted.string("version", "preferred-version");
    wanted.finish(losses::NOTHING);
    let Some(kind) = kind.or_else(|| version.as_ref().map(|_| "PREFER_KVM".to_owned())) else {
        return;
    };
    let mut map = Map {
        notes: field.notes(),
        ..Map::default()
    };
    let name = kind.rsplit('_').next().unwrap_or(&kind);
    map.text("name", name);
    map.plain("support-mandatory", kind.starts_with("REQUIRE"));
    if let Some(mut version) = version {
        if let Value::Text(text) = version.value {
            version.value = Value::Quoted(text);
        }
        map.entry(Some(version));
    }
    capabilities.push(map);
    let message = format!(
        "`hypervisor-epa` of {} is kept as `request-additional-capability`, which OSM does not read",
        own.what
    );
    own.work.assume(field.span(), message);
}

#[cfg(test)]
mod tests {
    use super::gibibytes;

    #[test]
    fn memory_is_exact() {
        for (mebibytes, want) in [
            (0, "0.0"),
            (1, "0.0009765625"),
            (256, "0.25"),
            (1024, "1.0"),
            (4608, "4.5"),
            (u32::MAX, "4194303.9990234375"),
        ] {
            assert_eq!(gibibytes(mebibytes), want);
        }
    }
}
