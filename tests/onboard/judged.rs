//! The double judged by what people sent packages with.

use std::process::Command;

use crate::common::{run, tool};
use crate::double::Double;
use crate::{NS, VNSF, built, digest, onboard};

#[test]
fn curl_and_this_program_send_the_same() {
    let Some(curl) = tool("curl") else { return };
    let tree = built();
    let (theirs, ours) = (Double::plain(), Double::plain());
    for (shelf, package) in [("vnsfs", VNSF), ("nss", NS)] {
        let mut command = Command::new(&curl);
        command.args(["--silent", "--fail", "--noproxy", "*", "-F"]);
        command.arg(format!("package=@{package}"));
        command.arg(format!("{}/{shelf}", theirs.url()));
        run(command.current_dir(&tree.root)).code(0);
    }
    onboard(&tree, &ours.url(), &[]).code(0);
    let uploads = theirs.take_uploads();
    assert_eq!(uploads, ours.take_uploads());
    assert_eq!(uploads[0].2, digest(&tree.path(VNSF)));
    assert_eq!(theirs.records("nss"), ours.records("nss"));
    // What curl has sent is known again.
    onboard(&tree, &theirs.url(), &[])
        .code(0)
        .says("0 new, 2 already there");
}
