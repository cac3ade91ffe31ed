//! `monitoring-param` of a function: `monitoring-parameter` of a VDU or a flavour.

use super::comments::Notes;
use super::fields::Fields;
use super::losses;
use super::tree::{List, Map};
use crate::descriptor::local;
use crate::yaml::Node;

/// The parameters of a function that no VDU has taken yet.
pub(super) struct Monitoring<'w, 'a> {
    list: Vec<Fields<'w, 'a>>,
    notes: Option<Notes>,
    ids: Vec<String>,
}

impl<'w, 'a> Monitoring<'w, 'a> {
    pub fn take(own: &Fields<'w, 'a>) -> Self {
        let (list, notes) = own.list("monitoring-param", "id", "the monitoring parameter");
        let id = |own: &Fields<'_, '_>| Some(own.peek("id")?.node().str()?.to_owned());
        let ids = list.iter().filter_map(id).collect();
        Monitoring {
            list,
            notes: Some(notes),
            ids,
        }
    }

    /// What is measured of a VDU: the parameters of the function that read one of
    /// its values, and the values that none reads. They keep the ids of the
    /// function's parameters, which policies and alarms refer to.
    pub fn of_vdu(&mut self, vdu: &Fields<'_, '_>, id: &str) -> List {
        let (values, notes) = vdu.list("monitoring-param", "id", "the monitoring parameter");
        let mut list = List::with(notes);
        let mut read: Vec<String> = Vec::new();
        let all = std::mem::take(&mut self.list);
        for own in all {
            let value = ["vdu-monitoring-param", "vdu-metric"]
                .iter()
                .find_map(|key| {
                    let reference = own.peek(key)?.node();
                    (local(reference, "vdu-ref")?.str()? == id).then_some(*key)
                });
            let Some(key) = value else {
                self.list.push(own);
                continue;
            };
            let mut map = parameter(&own);
            map.notes = self.notes.take().unwrap_or_default().and(map.notes);
            if let Some(reference) = own.sub(key) {
                let _ = reference.take("vdu-ref");
                if key == "vdu-metric" {
                    map.entry(reference.string("vdu-metric-name-ref", "performance-metric"));
                } else if let Some(field) = reference.take("vdu-monitoring-param-ref") {
                    let name = field.node().str().unwrap_or_default();
                    let of = |value: &&Fields<'_, '_>| {
                        value.peek("id").and_then(|id| id.node().str()) == Some(name)
                    };
                    match values.iter().find(of).and_then(metric) {
                        Some(metric) => map.text("performance-metric", metric),
                        None => vdu.work.lose(
                            field.span(),
                            format!(
                                "{} reads `{name}`, which {} does not measure",
                                own.what, vdu.what
                            ),
                            "",
                        ),
                    }
                    read.push(name.to_owned());
                }
                reference.finish(losses::NOTHING);
            }
            own.finish(losses::MONITORING);
            list.push(map);
        }
        for value in values {
            let name = value.text("id").unwrap_or_default().to_owned();
            let metric = metric(&value).map(str::to_owned);
            let _ = value.take("nfvi-metric");
            if !read.contains(&name)
                && let Some(metric) = metric
            {
                let mut map = Map {
                    notes: value.notes(),
                    ..Map::default()
                };
                // One name for all that a function measures.
                let id = match self.ids.contains(&name) {
                    true => format!("{id}-{name}"),
                    false => name,
                };
                self.ids.push(id.clone());
                map.text("id", id);
                map.text("performance-metric", metric);
                list.push(map);
            }
            value.finish(losses::MONITORING);
        }
        list
    }

    /// What is left belongs to the function as a whole.
    pub fn rest(self, own: &Fields<'_, '_>) -> List {
        let mut list = List::with(self.notes.unwrap_or_default());
        for parameter in self.list {
            let mut map = self::parameter(&parameter);
            if let Some(metric) = parameter.sub("vnf-metric") {
                map.entry(metric.string("vnf-metric-name-ref", "performance-metric"));
                metric.finish(losses::NOTHING);
            }
            for key in ["vdu-monitoring-param", "vdu-metric"] {
                if let Some(field) = parameter.take(key) {
                    let vdu = local(field.node(), "vdu-ref").and_then(|id| id.str());
                    let vdu = vdu.unwrap_or_default();
                    let message = format!(
                        "{} reads a value of `{vdu}`, which is no VDU",
                        parameter.what
                    );
                    own.work.lose(field.span(), message, "");
                }
            }
            parameter.finish(losses::MONITORING);
            list.push(map);
        }
        list
    }
}

/// Id and name.
fn parameter(own: &Fields<'_, '_>) -> Map {
    let mut map = Map {
        notes: own.notes(),
        ..Map::default()
    };
    map.entry(own.string("id", "id"));
    map.entry(own.string("name", "name"));
    map
}

/// What a value of a VDU measures.
fn metric<'a>(value: &Fields<'_, 'a>) -> Option<&'a str> {
    let node: Node<'a> = value.peek("nfvi-metric")?.node();
    node.str()
}
