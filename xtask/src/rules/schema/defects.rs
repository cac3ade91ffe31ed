//! What the profile `etsi` does about the published defects of the models, in a
//! line each; the whole is in `docs/sol006-defects.md`.

/// The repairs by the number of their defect.
const REPAIRS: &[(u8, &str)] = &[
    (
        1,
        "the protocols are compared as the model names them, in lower case",
    ),
    (
        2,
        "a position names a profile that its graph lists, or the descriptor of one",
    ),
    (3, "an access point names what the service lists"),
    (
        4,
        "the flavour is that of the link which the `id` of the profile names",
    ),
    (
        5,
        "the name is looked up in the descriptor that holds the reference",
    ),
    (6, "the name is that of a virtual link"),
    (
        7,
        "nested services are not looked up in a document with a single service",
    ),
    (8, "a dependency names the `id` of a profile"),
    (9, "the container may be left out"),
    (10, "the list may be empty"),
    (11, "the types of the IETF are those of 2013"),
    (12, "`--model` names the version"),
    (13, "the two exclude each other where both are written"),
    (14, "a unit without an image needs no memory for one"),
    (15, "the names are `vnf-lcm`, `vnf-pm` and `vnf-fm`"),
];

/// The note for a finding that comes from a defect.
pub(super) fn note(defect: u8) -> Option<String> {
    let (_, repair) = REPAIRS.iter().find(|(number, _)| *number == defect)?;
    Some(format!(
        "this demand is defect {defect} of the published model, which the profile `etsi` repairs: {repair}; see `cargo nfv explain defects`"
    ))
}

#[cfg(test)]
mod tests {
    use super::REPAIRS;

    #[test]
    fn every_defect_has_its_paragraph_and_every_paragraph_its_repair() {
        let page = include_str!("../../../../docs/sol006-defects.md");
        let numbers: Vec<u8> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## ")?.split_once('.')?.0.parse().ok())
            .collect();
        let repaired: Vec<u8> = REPAIRS.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, repaired);
        assert_eq!(page.matches("\nRepair: ").count(), repaired.len());
    }
}
