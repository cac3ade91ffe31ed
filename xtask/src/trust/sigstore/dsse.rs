//! The bytes that a signature in a DSSE envelope is made over.

/// The Pre-Authentication Encoding of a payload and its type (DSSE 1.0.2,
/// "Signature Definition").
pub(super) fn encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let (type_len, len) = (payload_type.len(), payload.len());
    let mut bytes = format!("DSSEv1 {type_len} {payload_type} {len} ").into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}
