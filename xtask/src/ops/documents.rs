//! What a CycloneDX document is, which is one format for several kinds of them.

use serde_json::Value;

/// Whether a document says what one of that kind does. A bill lists components; what
/// CycloneDX calls VEX lists vulnerabilities, and one may be both. Trivy writes an empty
/// list of vulnerabilities into its bills, so that only an entry makes a VEX, while a
/// report of a scan may have found nothing. Documents of other formats are told apart by
/// their first field already.
pub(super) fn says(kind: &str, document: &Value) -> bool {
    if document.get("bomFormat").is_none() {
        return true;
    }
    let list = |field: &str| document.get(field).and_then(Value::as_array);
    let has_entry = |field: &str| list(field).is_some_and(|list| !list.is_empty());
    match kind {
        "vex" => has_entry("vulnerabilities"),
        "vuln" => list("vulnerabilities").is_some(),
        "sbom" | "sbom-cyclonedx" => has_entry("components") || !has_entry("vulnerabilities"),
        _ => true,
    }
}

/// The list that a CycloneDX document of that kind has to have.
pub(super) fn wanted(kind: &str) -> &'static str {
    match kind {
        "vex" | "vuln" => "vulnerabilities",
        _ => "components",
    }
}

/// What a document has to have that is known by that field, and has not; in words.
pub(super) fn misshapen(field: &str, document: &Value) -> Option<&'static str> {
    let text = |field: &str| document.get(field).and_then(Value::as_str);
    match field {
        "runs" if !document["runs"].is_array() => Some("a list `runs`"),
        // SPDX 1 was never written as JSON, and SPDX 3 has no such field.
        "spdxVersion" if text(field).is_none_or(|version| !version.starts_with("SPDX-2.")) => {
            Some("an `spdxVersion` of `SPDX-2.x`")
        }
        "bomFormat" if text(field) != Some("CycloneDX") || text("specVersion").is_none() => {
            Some("the `bomFormat` `CycloneDX` and a `specVersion`")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::says;

    #[test]
    fn bills_and_vex_of_cyclonedx() {
        let bom = |more: serde_json::Value| {
            let mut document = json!({ "bomFormat": "CycloneDX" });
            for (field, value) in more.as_object().into_iter().flatten() {
                document[field] = value.clone();
            }
            document
        };
        let (component, vulnerability) =
            (json!([{"name": "x"}]), json!([{"id": "CVE-2021-44228"}]));
        for (document, is_sbom, is_vex, is_vuln) in [
            (bom(json!({})), true, false, false),
            (bom(json!({ "components": component })), true, false, false),
            (
                bom(json!({ "components": component, "vulnerabilities": [] })),
                true,
                false,
                true,
            ),
            (
                bom(json!({ "vulnerabilities": vulnerability })),
                false,
                true,
                true,
            ),
            (
                bom(json!({ "components": component, "vulnerabilities": vulnerability })),
                true,
                true,
                true,
            ),
        ] {
            assert_eq!(says("sbom-cyclonedx", &document), is_sbom, "{document}");
            assert_eq!(says("vex", &document), is_vex, "{document}");
            assert_eq!(says("vuln", &document), is_vuln, "{document}");
            // cosign's own name says no more than the format.
            assert!(says("cyclonedx", &document));
        }
        assert!(says(
            "vex",
            &json!({ "@context": "https://openvex.dev/ns" })
        ));
    }
}
