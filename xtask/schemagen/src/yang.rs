//! Reads compiled YANG out of libyang into plain Rust values; this is the only
//! file that touches raw pointers.
//!
//! The safe bindings stop short of ranges, patterns, enumerations, identities
//! and XPath texts, so the compiled tree is walked through its C structures.
//! Everything is copied: nothing that leaves this file borrows from libyang,
//! which keeps the rest of the program free of lifetimes and of `unsafe`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, c_char};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use yang4::context::{Context, ContextFlags};
use yang4::data::{DataFormat, DataParserFlags, DataTree, DataValidationFlags};
use yang4::ffi;

/// Modules of extensions that say nothing of what a descriptor may hold: how C
/// structures are generated, and how a configuration server shows nodes.
const SILENT_EXTENSIONS: [&str; 2] = ["rw-pb-ext", "tailf-common"];

/// A set of YANG modules that has been parsed and compiled together, so that
/// augments and deviations of each module are in effect in all the others.
pub struct Library {
    context: Context,
}

/// A node of the compiled schema tree.
#[derive(Debug)]
pub struct Node {
    /// The name of the node, without a prefix.
    pub name: String,
    /// The module whose namespace the node is in.
    pub module: String,
    /// The XPath texts of the `when` statements that apply to the node,
    /// including those that came in with an `augment` or a `uses`.
    pub whens: Vec<String>,
    /// The XPath texts of the `must` statements of the node.
    pub musts: Vec<String>,
    /// What kind of node it is, with the properties of that kind.
    pub kind: Kind,
}

/// The kinds of node that can hold data in a descriptor.
#[derive(Debug)]
pub enum Kind {
    /// A single structure.
    Container {
        /// Whether the existence of the container has a meaning of its own.
        presence: bool,
        /// The child nodes, in the order of the module.
        children: Vec<Node>,
    },
    /// A repeated structure.
    List {
        /// The names of the key leafs, in the order of the `key` statement.
        keys: Vec<String>,
        /// How often the structure may be repeated.
        size: Size,
        /// The child nodes, in the order of the module.
        children: Vec<Node>,
    },
    /// A single value.
    Leaf {
        /// The type of the value.
        ty: Type,
        /// Whether the value has to be given.
        mandatory: bool,
        /// The value that holds where none is given.
        default: Option<String>,
        /// The unit of measure.
        units: Option<String>,
    },
    /// A repeated value.
    LeafList {
        /// The type of each value.
        ty: Type,
        /// How many values there may be.
        size: Size,
        /// Whether the values must differ from each other, which holds for
        /// configuration but not for state.
        unique: bool,
        /// The values that hold where none is given.
        defaults: Vec<String>,
        /// The unit of measure.
        units: Option<String>,
    },
    /// A set of cases of which at most one may be used.
    Choice {
        /// Whether one of the cases has to be used.
        mandatory: bool,
        /// The cases, in the order of the module.
        cases: Vec<Node>,
    },
    /// One alternative of a choice.
    Case {
        /// The nodes that belong together in this alternative.
        children: Vec<Node>,
    },
    /// Data of which the module says nothing.
    Any {
        /// Whether the data has to be given.
        mandatory: bool,
    },
}

/// Bounds on the number of entries of a list or leaf-list.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// The least number of entries.
    pub min: u32,
    /// The greatest number of entries, if there is one.
    pub max: Option<u32>,
}

/// The type of a leaf or leaf-list; a leafref appears as the type of the leaf
/// it finally points to.
#[derive(Debug, Clone)]
pub struct Type {
    /// The name of the typedef that was used, if the type is not built in.
    pub typedef: Option<String>,
    /// The path of the leafref that led to this type, if there was one.
    pub leafref: Option<String>,
    /// The built-in type with its restrictions.
    pub base: Base,
}

/// The built-in types with their restrictions.
#[derive(Debug, Clone)]
pub enum Base {
    /// An integer.
    Integer {
        /// The ranges, one of which it lies in; at least one.
        ranges: Vec<(i128, i128)>,
        /// Whether they are stated, and not those of its width alone.
        is_stated: bool,
    },
    /// A decimal fraction; the ranges count in units of the last digit.
    Decimal {
        /// The number of digits after the point.
        digits: u8,
        /// The ranges, none of them if the type is not restricted.
        ranges: Vec<(i64, i64)>,
    },
    /// A truth value.
    Boolean,
    /// One of a list of names.
    Enumeration(Vec<String>),
    /// The name of an identity.
    Identity(BTreeSet<Identity>),
    /// A character string.
    Text {
        /// The allowed lengths, none of them if the length is free.
        lengths: Vec<(u64, u64)>,
        /// The patterns, all of which apply.
        patterns: Vec<Pattern>,
    },
    /// A value that says nothing beyond its being there.
    Empty,
    /// A value of any of the member types.
    Union(Vec<Type>),
}

/// An identity with the module that defines it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The name of the identity.
    pub name: String,
    /// The name of the module.
    pub module: String,
}

/// A regular expression in the XML Schema dialect, which YANG uses.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The expression.
    pub expression: String,
    /// Whether the value must not match (`modifier invert-match`).
    pub inverted: bool,
}

/// Something that libyang finds wrong with a document.
#[derive(Debug)]
pub struct Complaint {
    /// The node that it is about, such as `/nfv:nfv/vnfd[id='a']`.
    pub path: String,
    /// What is wrong, in the words of libyang.
    pub message: String,
}

impl Library {
    /// Loads the named modules, looking for files in the given folders.
    ///
    /// All imported modules are implemented too: the identities of a module
    /// that is merely imported would otherwise be missing from the compiled
    /// types. Paths with `deref()` need the extended form of leafref, for
    /// which the safe flags have no name.
    pub fn load(folders: &[PathBuf], modules: &[String]) -> Result<Self> {
        let flags = ContextFlags::NO_YANGLIBRARY
            | ContextFlags::ALL_IMPLEMENTED
            | ContextFlags::DISABLE_SEARCHDIR_CWD
            | ContextFlags::PREFER_SEARCHDIRS
            | ContextFlags::from_bits_retain(ffi::LY_CTX_LEAFREF_EXTENDED);
        let mut context = Context::new(flags).context("libyang gives no context")?;
        for folder in folders {
            if !folder.is_dir() {
                bail!("{} is not a folder", folder.display());
            }
            if folder.to_str().is_none_or(|text| text.contains('\0')) {
                bail!("{} has a name that libyang cannot take", folder.display());
            }
            context
                .set_searchdir(folder)
                .with_context(|| format!("libyang refuses the folder {}", folder.display()))?;
        }
        for module in modules {
            context
                .load_module(module, None, &[])
                .with_context(|| format!("cannot load module {module}"))?;
        }
        let library = Self { context };
        library.refuse_unknown()?;
        Ok(library)
    }

    /// Stops at what works on modules as a whole and leaves no trace in the
    /// compiled tree: features, which are all switched off, so that the nodes
    /// that depend on them are gone; and extensions that may mean anything.
    fn refuse_unknown(&self) -> Result<()> {
        for module in self.context.modules(false) {
            // SAFETY: the module belongs to the borrowed context, which keeps
            // what it has parsed; all lists are sized arrays.
            unsafe {
                let raw = &*module.as_raw();
                let name = text(raw.name);
                // What libyang brings along was read from no file.
                if raw.filepath.is_null() || raw.parsed.is_null() {
                    continue;
                }
                let parsed = &*raw.parsed;
                let mut features: Vec<&ffi::lysp_feature> = sized(parsed.features).iter().collect();
                let mut extensions: Vec<&ffi::lysp_ext> = sized(parsed.extensions).iter().collect();
                for include in sized(parsed.includes) {
                    if let Some(submodule) = include.submodule.as_ref() {
                        features.extend(sized(submodule.features));
                        extensions.extend(sized(submodule.extensions));
                    }
                }
                if let Some(feature) = features.first() {
                    bail!(
                        "module {name} has the feature {}, and if-feature is not supported",
                        text(feature.name)
                    );
                }
                if let Some(extension) = extensions.first()
                    && !SILENT_EXTENSIONS.contains(&name.as_str())
                {
                    bail!(
                        "module {name} has the extension {}, of which it is not known whether it \
                         changes what is valid",
                        text(extension.name)
                    );
                }
            }
        }
        Ok(())
    }

    /// The namespace of a module.
    pub fn namespace(&self, module: &str) -> Result<String> {
        let module = self
            .context
            .get_module_implemented(module)
            .with_context(|| format!("module {module} is not loaded"))?;
        Ok(module.namespace().to_owned())
    }

    /// What libyang finds wrong with a document that is written as XML: only
    /// the first fault, or all of them; nothing if it takes it for a valid one.
    ///
    /// To go on after the first fault is what it crashes on more often.
    pub fn errors(&self, text: &str, all: bool) -> Vec<Complaint> {
        let read = DataParserFlags::STRICT | DataParserFlags::NO_STATE;
        let mut check = DataValidationFlags::NO_STATE | DataValidationFlags::PRESENT;
        if all {
            // The safe flags have no name for it.
            check |= DataValidationFlags::from_bits_retain(ffi::LYD_VALIDATE_MULTI_ERROR);
        }
        let Some(module) = self.context.modules(false).next() else {
            return Vec::new();
        };
        // SAFETY: the module belongs to the borrowed context, which outlives
        // the reading; its errors are a list that ends in a null pointer.
        unsafe {
            let context = (*module.as_raw()).ctx;
            ffi::ly_log_options(ffi::LY_LOSTORE);
            ffi::ly_err_clean(context, std::ptr::null_mut());
            let tree = DataTree::parse_string(&self.context, text, DataFormat::XML, read, check);
            let Err(error) = tree else { return Vec::new() };
            let mut complaints = Vec::new();
            let mut next = ffi::ly_err_first(context);
            while !next.is_null() {
                // Warnings are in the same list.
                if (*next).level == ffi::LY_LOG_LEVEL::LY_LLERR {
                    complaints.push(Complaint {
                        path: self::text((*next).data_path),
                        message: self::text((*next).msg),
                    });
                }
                next = (*next).next;
            }
            if complaints.is_empty() {
                complaints.push(Complaint {
                    path: error.path.unwrap_or_default(),
                    message: error.msg.unwrap_or_default(),
                });
            }
            complaints
        }
    }

    /// Copies the top-level node of that name out of the named module.
    pub fn root(&self, module: &str, name: &str) -> Result<Node> {
        let found = self
            .context
            .get_module_implemented(module)
            .with_context(|| format!("module {module} is not loaded"))?
            .data()
            .find(|node| node.name() == name)
            .with_context(|| format!("module {module} has no node {name}"))?;
        let reader = Reader {
            derived: self.derived_identities(),
        };
        // SAFETY: the pointer comes from the context, which is borrowed here
        // and so outlives the reading; libyang does not change a compiled tree.
        unsafe { reader.node(found.as_raw()) }
    }

    /// Gathers, for every identity, the identities derived directly from it.
    ///
    /// libyang keeps this list with each identity; it is taken over once so
    /// that the types need no further pointer chasing.
    fn derived_identities(&self) -> BTreeMap<Identity, BTreeSet<Identity>> {
        let mut derived = BTreeMap::new();
        for module in self.context.modules(false) {
            // SAFETY: the module belongs to the borrowed context, and its
            // identities and their derived lists are sized arrays.
            unsafe {
                for identity in sized((*module.as_raw()).identities) {
                    let children = sized(identity.derived)
                        .iter()
                        .map(|&child| read_identity(child))
                        .collect();
                    derived.insert(read_identity(identity), children);
                }
            }
        }
        derived
    }
}

/// Copies nodes and types out of the C structures.
struct Reader {
    /// For every identity, those derived directly from it.
    derived: BTreeMap<Identity, BTreeSet<Identity>>,
}

impl Reader {
    /// Copies a node and all that is below it.
    ///
    /// # Safety
    /// `raw` must point to a node of a compiled tree that stays alive.
    unsafe fn node(&self, raw: *const ffi::lysc_node) -> Result<Node> {
        // SAFETY: the node type decides which structure the pointer stands
        // for, and every structure begins with the common part.
        unsafe {
            let common = &*raw;
            let name = text(common.name);
            let flags = u32::from(common.flags);
            let mandatory = flags & ffi::LYS_MAND_TRUE != 0;
            if flags & ffi::LYS_CONFIG_R != 0 {
                bail!("node {name} holds state (config false), which is not supported");
            }
            known_extensions(&name, common.exts)?;
            let (whens, musts, kind) = match u32::from(common.nodetype) {
                ffi::LYS_CONTAINER => {
                    let node = &*raw.cast::<ffi::lysc_node_container>();
                    if !node.actions.is_null() || !node.notifs.is_null() {
                        bail!("container {name} has an action or a notification");
                    }
                    let kind = Kind::Container {
                        presence: flags & ffi::LYS_PRESENCE != 0,
                        children: self.siblings(node.child)?,
                    };
                    (whens(node.when), musts(node.musts), kind)
                }
                ffi::LYS_LIST => {
                    let node = &*raw.cast::<ffi::lysc_node_list>();
                    if !node.actions.is_null() || !node.notifs.is_null() {
                        bail!("list {name} has an action or a notification");
                    }
                    if !node.uniques.is_null() {
                        bail!("list {name} has a unique statement, which is not supported");
                    }
                    let kind = Kind::List {
                        keys: keys(node.child),
                        size: size(node.min, node.max),
                        children: self.siblings(node.child)?,
                    };
                    (whens(node.when), musts(node.musts), kind)
                }
                ffi::LYS_LEAF => {
                    let node = &*raw.cast::<ffi::lysc_node_leaf>();
                    let kind = Kind::Leaf {
                        ty: self
                            .ty(node.type_)
                            .with_context(|| format!("leaf {name}"))?,
                        mandatory,
                        default: optional(node.dflt.str_),
                        units: optional(node.units),
                    };
                    (whens(node.when), musts(node.musts), kind)
                }
                ffi::LYS_LEAFLIST => {
                    let node = &*raw.cast::<ffi::lysc_node_leaflist>();
                    let kind = Kind::LeafList {
                        ty: self
                            .ty(node.type_)
                            .with_context(|| format!("leaf-list {name}"))?,
                        size: size(node.min, node.max),
                        unique: flags & ffi::LYS_CONFIG_W != 0,
                        defaults: sized(node.dflts)
                            .iter()
                            .filter_map(|value| optional(value.str_))
                            .collect(),
                        units: optional(node.units),
                    };
                    (whens(node.when), musts(node.musts), kind)
                }
                ffi::LYS_CHOICE => {
                    let node = &*raw.cast::<ffi::lysc_node_choice>();
                    if !node.dflt.is_null() {
                        bail!("choice {name} has a default case, which is not supported");
                    }
                    let kind = Kind::Choice {
                        mandatory,
                        cases: self.siblings(node.cases.cast())?,
                    };
                    (whens(node.when), Vec::new(), kind)
                }
                ffi::LYS_CASE => {
                    let node = &*raw.cast::<ffi::lysc_node_case>();
                    let children = self.siblings(node.child)?;
                    (whens(node.when), Vec::new(), Kind::Case { children })
                }
                ffi::LYS_ANYDATA | ffi::LYS_ANYXML => {
                    let node = &*raw.cast::<ffi::lysc_node_anydata>();
                    (whens(node.when), musts(node.musts), Kind::Any { mandatory })
                }
                other => bail!("node {name} is of a kind ({other}) that holds no configuration"),
            };
            Ok(Node {
                name,
                module: text((*common.module).name),
                whens,
                musts,
                kind,
            })
        }
    }

    /// Copies a node and those that follow it under the same parent.
    ///
    /// # Safety
    /// `first` must be null or point to the first child of a compiled node.
    unsafe fn siblings(&self, first: *const ffi::lysc_node) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        let mut next = first;
        while !next.is_null() {
            // SAFETY: `next` is a live node, and the list of siblings ends in
            // a null pointer. Cases are linked through the same field.
            unsafe {
                let parent = (*next).parent;
                nodes.push(self.node(next)?);
                next = (*next).next;
                if !next.is_null() && (*next).parent != parent {
                    break;
                }
            }
        }
        Ok(nodes)
    }

    /// Copies a type, going through leafrefs to the type they point to.
    ///
    /// # Safety
    /// `raw` must point to a compiled type that stays alive.
    unsafe fn ty(&self, raw: *const ffi::lysc_type) -> Result<Type> {
        use ffi::LY_DATA_TYPE as Tag;
        // SAFETY: the base type decides which structure the pointer stands
        // for, and every structure begins with the common part.
        unsafe {
            let common = &*raw;
            known_extensions("a type", common.exts)?;
            let base = match common.basetype {
                Tag::LY_TYPE_INT8 => integer(raw, i8::MIN.into(), i8::MAX.into()),
                Tag::LY_TYPE_INT16 => integer(raw, i16::MIN.into(), i16::MAX.into()),
                Tag::LY_TYPE_INT32 => integer(raw, i32::MIN.into(), i32::MAX.into()),
                Tag::LY_TYPE_INT64 => integer(raw, i64::MIN.into(), i64::MAX.into()),
                Tag::LY_TYPE_UINT8 => integer(raw, 0, u8::MAX.into()),
                Tag::LY_TYPE_UINT16 => integer(raw, 0, u16::MAX.into()),
                Tag::LY_TYPE_UINT32 => integer(raw, 0, u32::MAX.into()),
                Tag::LY_TYPE_UINT64 => integer(raw, 0, u64::MAX.into()),
                Tag::LY_TYPE_DEC64 => {
                    let ty = &*raw.cast::<ffi::lysc_type_dec>();
                    Base::Decimal {
                        digits: ty.fraction_digits,
                        ranges: signed_parts(ty.range),
                    }
                }
                Tag::LY_TYPE_BOOL => Base::Boolean,
                Tag::LY_TYPE_ENUM => {
                    let ty = &*raw.cast::<ffi::lysc_type_enum>();
                    Base::Enumeration(sized(ty.enums).iter().map(|item| text(item.name)).collect())
                }
                Tag::LY_TYPE_IDENT => {
                    let ty = &*raw.cast::<ffi::lysc_type_identityref>();
                    let bases: Vec<Identity> = sized(ty.bases)
                        .iter()
                        .map(|&base| read_identity(base))
                        .collect();
                    Base::Identity(self.identities(&bases))
                }
                Tag::LY_TYPE_STRING => {
                    let ty = &*raw.cast::<ffi::lysc_type_str>();
                    Base::Text {
                        lengths: unsigned_parts(ty.length),
                        patterns: sized(ty.patterns)
                            .iter()
                            .map(|&pattern| Pattern {
                                expression: text((*pattern).expr),
                                inverted: (*pattern).inverted() != 0,
                            })
                            .collect(),
                    }
                }
                Tag::LY_TYPE_EMPTY => Base::Empty,
                // JSON Schema can't say all that these ask of a text, and no
                // model has them.
                Tag::LY_TYPE_BITS => bail!("the type bits is not supported"),
                Tag::LY_TYPE_BINARY => bail!("the type binary is not supported"),
                Tag::LY_TYPE_INST => bail!("the type instance-identifier is not supported"),
                Tag::LY_TYPE_UNION => {
                    let ty = &*raw.cast::<ffi::lysc_type_union>();
                    let members = sized(ty.types)
                        .iter()
                        .map(|&member| self.ty(member))
                        .collect::<Result<_>>()?;
                    Base::Union(members)
                }
                Tag::LY_TYPE_LEAFREF => {
                    let ty = &*raw.cast::<ffi::lysc_type_leafref>();
                    let path = text(ffi::lyxp_get_expr(ty.path));
                    if ty.realtype.is_null() {
                        bail!("leafref {path} has no target");
                    }
                    let mut target = self.ty(ty.realtype)?;
                    // Without that, it says no more than its target's type.
                    if ty.require_instance != 0 {
                        target.leafref = Some(path);
                    }
                    return Ok(target);
                }
                other => bail!("unknown base type {other}"),
            };
            Ok(Type {
                typedef: optional(common.name),
                leafref: None,
                base,
            })
        }
    }

    /// Finds the identities that are derived, at any remove, from all bases.
    fn identities(&self, bases: &[Identity]) -> BTreeSet<Identity> {
        let mut common: Option<BTreeSet<Identity>> = None;
        for base in bases {
            let mut found = BTreeSet::new();
            let mut open = vec![base];
            while let Some(identity) = open.pop() {
                for child in self.derived.get(identity).into_iter().flatten() {
                    if found.insert(child.clone()) {
                        open.push(child);
                    }
                }
            }
            common = Some(match common {
                Some(before) => before.intersection(&found).cloned().collect(),
                None => found,
            });
        }
        common.unwrap_or_default()
    }
}

/// Turns the element counts of libyang, where the greatest number stands for
/// the absence of an upper bound, into a [`Size`].
fn size(min: u32, max: u32) -> Size {
    Size {
        min,
        max: (max != 0 && max != u32::MAX).then_some(max),
    }
}

/// Reads the names of the key leafs, which libyang puts first among the
/// children, in the order of the `key` statement.
///
/// # Safety
/// `first` must be null or point to the first child of a compiled list.
unsafe fn keys(first: *const ffi::lysc_node) -> Vec<String> {
    let mut keys = Vec::new();
    let mut next = first;
    // SAFETY: the list of siblings consists of live nodes and ends in null.
    unsafe {
        while !next.is_null() {
            let is_leaf = u32::from((*next).nodetype) == ffi::LYS_LEAF;
            if is_leaf && u32::from((*next).flags) & ffi::LYS_KEY != 0 {
                keys.push(text((*next).name));
            }
            next = (*next).next;
        }
    }
    keys
}

/// Reads the XPath texts of `when` statements.
///
/// # Safety
/// `raw` must be null or a sized array of pointers to compiled statements.
unsafe fn whens(raw: *const *mut ffi::lysc_when) -> Vec<String> {
    // SAFETY: guaranteed by the caller.
    unsafe {
        sized(raw)
            .iter()
            .map(|&when| text(ffi::lyxp_get_expr((*when).cond)))
            .collect()
    }
}

/// Reads the XPath texts of `must` statements.
///
/// # Safety
/// `raw` must be null or a sized array of compiled statements.
unsafe fn musts(raw: *const ffi::lysc_must) -> Vec<String> {
    // SAFETY: guaranteed by the caller.
    unsafe {
        sized(raw)
            .iter()
            .map(|must| text(ffi::lyxp_get_expr(must.cond)))
            .collect()
    }
}

/// Reads an integer type; without a range of its own it has that of its width.
///
/// # Safety
/// `raw` must point to a compiled integer type.
unsafe fn integer(raw: *const ffi::lysc_type, min: i128, max: i128) -> Base {
    // SAFETY: guaranteed by the caller.
    let range = unsafe { (*raw.cast::<ffi::lysc_type_num>()).range };
    // SAFETY: the range belongs to the type. The lower bound of the width
    // tells which member of the union libyang has filled in.
    let parts: Vec<(i128, i128)> = unsafe {
        if min < 0 {
            signed_parts(range)
                .into_iter()
                .map(|(low, high)| (low.into(), high.into()))
                .collect()
        } else {
            unsigned_parts(range)
                .into_iter()
                .map(|(low, high)| (low.into(), high.into()))
                .collect()
        }
    };
    let is_stated = !parts.is_empty();
    Base::Integer {
        ranges: if is_stated { parts } else { vec![(min, max)] },
        is_stated,
    }
}

/// Reads the parts of a range over signed numbers.
///
/// # Safety
/// `range` must be null or a compiled range of a signed type.
unsafe fn signed_parts(range: *const ffi::lysc_range) -> Vec<(i64, i64)> {
    if range.is_null() {
        return Vec::new();
    }
    // SAFETY: guaranteed by the caller.
    unsafe {
        sized((*range).parts)
            .iter()
            .map(|part| (part.__bindgen_anon_1.min_64, part.__bindgen_anon_2.max_64))
            .collect()
    }
}

/// Reads the parts of a range over unsigned numbers, or of a length.
///
/// # Safety
/// `range` must be null or a compiled range of an unsigned type.
unsafe fn unsigned_parts(range: *const ffi::lysc_range) -> Vec<(u64, u64)> {
    if range.is_null() {
        return Vec::new();
    }
    // SAFETY: guaranteed by the caller.
    unsafe {
        sized((*range).parts)
            .iter()
            .map(|part| (part.__bindgen_anon_1.min_u64, part.__bindgen_anon_2.max_u64))
            .collect()
    }
}

/// Stops at an extension that stands at a node or a type, unless it is known to
/// say nothing of what is valid.
///
/// # Safety
/// `raw` must be null or a sized array of compiled extension instances.
unsafe fn known_extensions(at: &str, raw: *const ffi::lysc_ext_instance) -> Result<()> {
    // SAFETY: guaranteed by the caller; every instance has a definition, and
    // every definition a module.
    unsafe {
        for instance in sized(raw) {
            let definition = &*instance.def;
            let module = text((*definition.module).name);
            if !SILENT_EXTENSIONS.contains(&module.as_str()) {
                let name = text(definition.name);
                bail!("the extension {module}:{name} at {at} is not supported");
            }
        }
    }
    Ok(())
}

/// Reads the name of an identity and of its module.
///
/// # Safety
/// `raw` must point to a compiled identity.
unsafe fn read_identity(raw: *const ffi::lysc_ident) -> Identity {
    // SAFETY: guaranteed by the caller; every identity belongs to a module.
    unsafe {
        Identity {
            name: text((*raw).name),
            module: text((*(*raw).module).name),
        }
    }
}

/// Views a sized array of libyang as a slice.
///
/// Such an array is a pointer to its first element; the number of elements is
/// stored, as 64 bits, just before it. A null pointer is an empty array.
///
/// # Safety
/// `first` must be null or point to a sized array that lives for `'a`.
unsafe fn sized<'a, T>(first: *const T) -> &'a [T] {
    if first.is_null() {
        return &[];
    }
    // SAFETY: guaranteed by the caller; the count may be unaligned for `u64`
    // on some targets, so it is read without that assumption.
    unsafe {
        let count = first.cast::<u64>().sub(1).read_unaligned();
        std::slice::from_raw_parts(first, count as usize)
    }
}

/// Copies a C string, giving an empty one for a null pointer.
///
/// # Safety
/// `raw` must be null or point to a string that ends in a zero octet.
unsafe fn text(raw: *const c_char) -> String {
    // SAFETY: guaranteed by the caller.
    unsafe { optional(raw) }.unwrap_or_default()
}

/// Copies a C string, if there is one.
///
/// # Safety
/// `raw` must be null or point to a string that ends in a zero octet.
unsafe fn optional(raw: *const c_char) -> Option<String> {
    if raw.is_null() {
        return None;
    }
    // SAFETY: guaranteed by the caller. YANG is UTF-8, which libyang checks.
    Some(
        unsafe { CStr::from_ptr(raw) }
            .to_string_lossy()
            .into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7951 §4: by the name of its module, and neither by the prefix that
    /// the module has in other modules nor by another.
    #[test]
    fn a_node_is_qualified_by_the_name_of_its_module() -> Result<()> {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
        let library = Library::load(&[tests], &["sample".into()])?;
        let read = |prefix: &str| {
            let text = format!("{{\"{prefix}:sample\": {{}}}}");
            let flags = DataParserFlags::STRICT | DataParserFlags::NO_VALIDATION;
            let none = DataValidationFlags::empty();
            DataTree::parse_string(&library.context, &text, DataFormat::JSON, flags, none).is_ok()
        };
        assert!(read("sample"));
        assert!(!read("s"));
        assert!(!read("ietf-inet-types"));
        Ok(())
    }
}
