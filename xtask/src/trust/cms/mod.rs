//! Detached signatures in the Cryptographic Message Syntax (RFC 5652 §5), as
//! SOL004 puts them into manifests and beside packages.

mod ber;
mod content;
mod error;
mod parse;
mod sign;
mod verify;

pub use content::Content;
pub use error::{CmsError, SignerError};
pub use parse::SignedData;
pub use sign::Signing;
pub use verify::Signer;
