//! What the configuration says of CSARs: what no descriptor can say, and what
//! this one does not.

use std::path::PathBuf;

use serde::Deserialize;

/// The table `csar` of the configuration. The names of metadata are those of
/// the descriptor's own fields, which win over them.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// When the package was released (RFC 3339).
    pub release_date: Option<String>,
    /// The versions of SOL004 or SOL007 that the package keeps to.
    pub specification_versions: Option<Vec<String>>,
    /// Provider of a VNF or PNF.
    pub provider: Option<String>,
    /// Product name of a VNF.
    pub product_name: Option<String>,
    /// Version of the software in a VNF.
    pub software_version: Option<String>,
    /// Version of the package.
    pub version: Option<String>,
    /// The VNF managers that a VNF works with.
    pub vnfm_info: Option<Vec<String>>,
    /// Designer of an NS.
    pub designer: Option<String>,
    /// Invariant id of an NS.
    pub invariant_id: Option<String>,
    /// Name of an NS or PNF.
    pub name: Option<String>,
    /// The change log, relative to the configuration.
    pub change_log: Option<PathBuf>,
    /// A licence or a folder of them, relative to the configuration.
    pub licenses: Option<PathBuf>,
    /// A folder of tests, relative to the configuration.
    pub tests: Option<PathBuf>,
    /// What is signed, where there is a key. Default: the manifest.
    pub signature: Option<SignatureOption>,
}

/// The two ways in which SOL 004 §5.1 lets a CSAR be signed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureOption {
    /// Option 1: the manifest, at its end.
    #[default]
    Manifest,
    /// Option 2: the CSAR as a whole, in a zip with the signature beside it.
    Package,
}

impl Settings {
    /// These settings, and those of `wider` where these say nothing.
    #[must_use]
    pub fn or(self, wider: &Settings) -> Settings {
        fn or<T: Clone>(own: Option<T>, wider: &Option<T>) -> Option<T> {
            own.or_else(|| wider.clone())
        }
        Settings {
            release_date: or(self.release_date, &wider.release_date),
            specification_versions: or(self.specification_versions, &wider.specification_versions),
            provider: or(self.provider, &wider.provider),
            product_name: or(self.product_name, &wider.product_name),
            software_version: or(self.software_version, &wider.software_version),
            version: or(self.version, &wider.version),
            vnfm_info: or(self.vnfm_info, &wider.vnfm_info),
            designer: or(self.designer, &wider.designer),
            invariant_id: or(self.invariant_id, &wider.invariant_id),
            name: or(self.name, &wider.name),
            change_log: or(self.change_log, &wider.change_log),
            licenses: or(self.licenses, &wider.licenses),
            tests: or(self.tests, &wider.tests),
            signature: or(self.signature, &wider.signature),
        }
    }

    /// The value for a field of the descriptor.
    pub fn field(&self, key: &str) -> Option<String> {
        match key {
            "provider" => self.provider.clone(),
            "product-name" => self.product_name.clone(),
            "software-version" => self.software_version.clone(),
            "version" => self.version.clone(),
            "vnfm-info" => self.vnfm_info.as_ref().map(|list| list.join(",")),
            "designer" => self.designer.clone(),
            "invariant-id" => self.invariant_id.clone(),
            "name" => self.name.clone(),
            _ => None,
        }
    }
}
