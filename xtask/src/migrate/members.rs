//! `constituent-vnfd`: the functions of a service, `vnfd-id` and `vnf-profile`.

use super::comments::Notes;
use super::fields::{Field, Fields, truth};
use super::losses;
use super::tree::{List, Map, Value};

/// The members of a service, in the order in which they were met.
#[derive(Default)]
pub(super) struct Members {
    list: Vec<Member>,
    notes: Notes,
}

struct Member {
    index: String,
    function: Option<String>,
    notes: Notes,
    links: Vec<Connection>,
}

/// The connection points of a member at one link.
struct Connection {
    link: String,
    points: List,
}

impl Members {
    pub fn take(own: &Fields<'_, '_>) -> Self {
        let (members, notes) = own.list("constituent-vnfd", "member-vnf-index", "the member");
        let mut found = Members {
            list: Vec::new(),
            notes,
        };
        for member in members {
            let index = member
                .text("member-vnf-index")
                .unwrap_or_default()
                .to_owned();
            let function = member.text("vnfd-id-ref").map(str::to_owned);
            if let Some(start) = member.take("start-by-default")
                && truth(start.node()) == Some(false)
            {
                let message = format!("{} is not started with the service", member.what);
                let why = "the new model starts every function";
                member.work.lose(start.span(), message, why);
            }
            let notes = member.notes();
            member.finish(losses::NOTHING);
            found.list.push(Member {
                index,
                function,
                notes,
                links: Vec::new(),
            });
        }
        found
    }

    /// The function that a member is.
    pub fn function_of(&self, index: &str) -> Option<&str> {
        let member = self.list.iter().find(|member| member.index == index)?;
        member.function.as_deref()
    }

    /// Whether a member is one of those.
    pub fn has(&self, index: &str) -> bool {
        self.list.iter().any(|member| member.index == index)
    }

    /// The member that `who` names; what names one that `constituent-vnfd` does not list
    /// is lost, since no function is deployed for it.
    pub fn named<'a>(&self, who: &str, index: Field<'_, 'a>) -> Option<&'a str> {
        let name = index.node().str()?;
        if self.has(name) {
            return Some(name);
        }
        let message = format!("{who} names the member `{name}`, which does not exist");
        let why = "a member is what `constituent-vnfd` lists";
        index.work.lose(index.span(), message, why);
        None
    }

    /// The function that a member is, which its own entry says before `who` does.
    pub fn owner(&self, who: &str, index: &str, function: Option<Field<'_, '_>>) -> Option<String> {
        let own = self.function_of(index);
        let Some((field, name)) = function.and_then(|field| Some((field, field.node().str()?)))
        else {
            return own.map(str::to_owned);
        };
        let message = match own {
            Some(own) if own == name => return Some(own.to_owned()),
            Some(own) => format!(
                "{who} says that the member `{index}` is `{name}`; it is taken to be `{own}`, as \
                 `constituent-vnfd` says"
            ),
            None => format!(
                "`constituent-vnfd` does not say what the member `{index}` is; it is taken to be \
                 `{name}`, as {who} says"
            ),
        };
        field.work.assume(field.span(), message);
        Some(own.unwrap_or(name).to_owned())
    }

    /// Connects a member to a link, which may say what function it is.
    pub fn connect(&mut self, index: &str, function: Option<String>, link: &str, point: Map) {
        let mut members = self.list.iter_mut();
        let Some(member) = members.find(|member| member.index == index) else {
            return;
        };
        member.function = member.function.take().or(function);
        match member.links.iter_mut().find(|own| own.link == link) {
            Some(own) => own.points.push(point),
            None => {
                let mut points = List::default();
                points.push(point);
                let link = link.to_owned();
                member.links.push(Connection { link, points });
            }
        }
    }

    /// The functions, each once.
    pub fn functions(&self) -> List {
        let mut list = List::default();
        let mut met: Vec<&str> = Vec::new();
        for function in self
            .list
            .iter()
            .filter_map(|member| member.function.as_deref())
        {
            if !met.contains(&function) {
                met.push(function);
                list.push_text(function);
            }
        }
        list
    }

    /// The profiles: each is called after the member.
    pub fn profiles(self) -> List {
        let mut list = List::with(self.notes);
        for member in self.list {
            let mut map = Map {
                notes: member.notes,
                ..Map::default()
            };
            map.text("id", member.index);
            if let Some(function) = member.function {
                map.text("vnfd-id", function);
            }
            for link in member.links {
                let mut connection = Map::default();
                connection.text("virtual-link-profile-id", link.link);
                connection.put(
                    "constituent-cpd-id",
                    Value::List(link.points),
                    Notes::default(),
                );
                map.push_into("virtual-link-connectivity", connection);
            }
            list.push(map);
        }
        list
    }
}

/// `vnf-dependency`: the function that another depends on comes first.
pub(super) fn dependencies(own: &Fields<'_, '_>) -> List {
    let (items, notes) = own.list("vnf-dependency", "vnf-source-ref", "the dependency of");
    let mut list = List::with(notes);
    for (i, item) in items.iter().enumerate() {
        let mut map = Map {
            notes: item.notes(),
            ..Map::default()
        };
        map.text("id", format!("dependency-{}", i + 1));
        map.entry(item.string("vnf-depends-on-ref", "primary-vnf-profile"));
        map.entry(item.string("vnf-source-ref", "secondary-vnf-profile"));
        item.finish(losses::NOTHING);
        list.push(map);
    }
    list
}
