//! The pieces that a topology falls apart into.

use super::Topology;

/// The parts that hang together, as places in [`Topology::parts`]: each piece in the order of
/// its parts, the pieces in that of their first. `joined` are pairs of parts that are one to
/// each other though no connection says so.
pub fn pieces(topology: &Topology, joined: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let count = topology.parts.len();
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); count];
    let connected = topology.connections.iter().map(|c| (c.from, c.to));
    for (a, b) in connected.chain(joined.iter().copied()) {
        neighbours[a].push(b);
        neighbours[b].push(a);
    }
    let mut seen = vec![false; count];
    let mut pieces = Vec::new();
    for first in 0..count {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let mut piece = vec![first];
        let mut open = vec![first];
        while let Some(at) = open.pop() {
            for &next in &neighbours[at] {
                if !std::mem::replace(&mut seen[next], true) {
                    piece.push(next);
                    open.push(next);
                }
            }
        }
        piece.sort_unstable();
        pieces.push(piece);
    }
    pieces
}
