//! What OSM refuses, as a finding at its place in the source.

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Severity};
use crate::onboard::{OsmRefusal, OsmShelf, place};
use crate::rules;

/// The finding that says what an answer says, where a rule speaks of the same.
pub(super) fn finding(
    refusal: &OsmRefusal,
    shelf: OsmShelf,
    descriptor: &Descriptor,
) -> Option<Diagnostic> {
    let rule = rules::find(refusal.rule?)?;
    let span = place(descriptor, &refusal.detail);
    let message = format!("OSM refuses the {}: {}", shelf.noun(), refusal.means);
    let said = format!("OSM answered {}: {}", refusal.status, refusal.detail);
    let mut diagnostic = Diagnostic::new(rule, span, message).note(said);
    // Whatever level the rule has, OSM has refused it.
    diagnostic.severity = Severity::Error;
    Some(match refusal.advice {
        "" => diagnostic,
        advice => diagnostic.help(advice),
    })
}
