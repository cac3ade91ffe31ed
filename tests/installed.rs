//! What is installed beside the program: completions and man pages, judged by the
//! shells and by groff.

#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::*;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// The completions for a shell, in a file.
fn script(tree: &Tree, shell: &str) -> String {
    let text = tree.nfv(&["completions", shell]).code(0).stdout;
    let path = tree.file(&format!("completions.{shell}"), text);
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn every_shell_has_completions_that_are_always_the_same() {
    let tree = Tree::new();
    for shell in SHELLS {
        let first = tree.nfv(&["completions", shell]).code(0).stdout;
        let again = tree.nfv(&["nfv", "completions", shell]).code(0).stdout;
        assert_eq!(first, again, "{shell}");
        for word in ["cargo-nfv", "check", "message-format", "sarif"] {
            assert!(first.contains(word), "{shell}: {word}");
        }
    }
    tree.nfv(&["completions", "sh"]).code(2);
}

/// What bash offers behind these words, the last of which is being written.
fn bash(tree: &Tree, before: &str, words: &[&str]) -> Vec<String> {
    let source = script(tree, "bash");
    let program = format!(
        "{before}\nsource '{source}'
         COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1))
         own=$(complete -p \"$1\"); [[ $own =~ \\ -F\\ ([^ ]+) ]] || exit 1
         \"${{BASH_REMATCH[1]}}\" \"$1\" \"${{@: -1}}\" \"${{@: -2:1}}\"
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let mut shell = Command::new("bash");
    shell.args(["--norc", "-c", &program, "bash"]).args(words);
    sh(&mut shell).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_what_is_started_directly() {
    if tool("bash").is_none() {
        return;
    }
    let tree = Tree::new();
    assert_eq!(bash(&tree, "", &["cargo-nfv", "ch"]), ["check"]);
    let flag = ["cargo-nfv", "check", "--mess"];
    assert_eq!(bash(&tree, "", &flag), ["--message-format"]);
    let value = ["cargo-nfv", "check", "--message-format", "s"];
    assert_eq!(bash(&tree, "", &value), ["short", "sarif"]);
    let nested = ["cargo-nfv", "key", "gen"];
    assert_eq!(bash(&tree, "", &nested), ["generate"]);
}

#[test]
fn bash_completes_behind_cargo_and_leaves_the_rest_to_cargo() {
    if tool("bash").is_none() {
        return;
    }
    let cargos = "_cargo() { COMPREPLY=(\"cargo's own: ${COMP_WORDS[*]}, $2, $3\"); }
                  complete -F _cargo cargo";
    let tree = Tree::new();
    assert_eq!(bash(&tree, cargos, &["cargo", "nfv", "ch"]), ["check"]);
    let toolchain = ["cargo", "+nightly", "nfv", "check", "--mess"];
    assert_eq!(bash(&tree, cargos, &toolchain), ["--message-format"]);
    let value = ["cargo", "nfv", "check", "--message-format", "s"];
    assert_eq!(bash(&tree, cargos, &value), ["short", "sarif"]);
    for words in [&["cargo", "nf"][..], &["cargo", "build", "--rel"]] {
        let last = words[words.len() - 1];
        let before = words[words.len() - 2];
        let wanted = format!("cargo's own: {}, {last}, {before}", words.join(" "));
        assert_eq!(bash(&tree, cargos, words), [wanted]);
    }
    // Where cargo's is read only when it is first needed, as bash-completion does.
    let later = format!("_comp_load() {{ {cargos}; }}");
    let words = ["cargo", "build", "--rel"];
    let wanted = "cargo's own: cargo build --rel, --rel, build";
    assert_eq!(bash(&tree, &later, &words), [wanted]);
    // And where there is none at all.
    assert_eq!(bash(&tree, "", &["cargo", "build", "--rel"]), [""]);
}

#[test]
fn fish_completes_in_both_forms() {
    if tool("fish").is_none() {
        return;
    }
    let tree = Tree::new();
    let source = script(&tree, "fish");
    let answers = |line: &str| -> Vec<String> {
        let program = format!("source {source}; complete -C '{line}'");
        let mut shell = Command::new("fish");
        shell.args(["--no-config", "-c", &program]);
        shell.env("HOME", &tree.root);
        let words = sh(&mut shell);
        let word = |line: &str| line.split('\t').next().unwrap_or(line).to_owned();
        words.lines().map(word).collect()
    };
    for start in ["cargo-nfv", "cargo nfv", "cargo +nightly nfv"] {
        assert_eq!(answers(&format!("{start} che")), ["check"], "{start}");
        let flag = format!("{start} check --mess");
        assert_eq!(answers(&flag), ["--message-format"], "{start}");
        let value = format!("{start} check --message-format s");
        assert_eq!(answers(&value), ["sarif", "short"], "{start}");
    }
}

/// The pages in a folder of their own.
fn pages(tree: &Tree) -> std::path::PathBuf {
    let folder = tree.path("man");
    fs::create_dir(&folder).expect("folder");
    tree.nfv(&["man", "man"]).code(0);
    folder
}

#[test]
fn every_command_has_a_man_page() {
    let tree = Tree::new();
    let folder = pages(&tree);
    let help = tree.nfv(&["--help"]).code(0).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let named = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let pages = names(&folder);
    let mut count = 0;
    for command in commands
        .filter(|line| !line.starts_with("   "))
        .filter_map(named)
    {
        if command == "help" {
            continue;
        }
        let page = format!("cargo-nfv-{command}.1");
        assert!(pages.contains(&page), "{page} is not in {pages:?}");
        count += 1;
    }
    assert!(count > 10, "{help}");
    assert!(pages.contains(&"cargo-nfv.1".to_owned()));
    let whole = fs::read_to_string(folder.join("cargo-nfv.1")).expect("page");
    assert_eq!(tree.nfv(&["man"]).code(0).stdout, whole);
    for page in &pages {
        let text = fs::read_to_string(folder.join(page)).expect("page");
        let name = page.trim_end_matches(".1");
        let source = concat!("cargo-nfv ", env!("CARGO_PKG_VERSION"));
        let heading = format!(".TH {name} 1 \" \" \"{source}\" \"cargo nfv\"");
        let is_heading = |line: &str| line.replace('\\', "").trim() == heading;
        assert!(text.lines().any(is_heading), "{page}: {heading}\n{text}");
    }
    // Whatever is said there, it is said of existing folders.
    tree.nfv(&["man", "nowhere"]).code(2);
}

#[test]
fn groff_has_nothing_to_say_against_a_man_page() {
    if tool("groff").is_none() || tool("preconv").is_none() {
        return;
    }
    let tree = Tree::new();
    let folder = pages(&tree);
    let show = |page: &Path| {
        let mut groff = Command::new("groff");
        groff.args(["-k", "-man", "-ww", "-Tutf8", "-rLL=100n"]);
        let shown = run(groff.arg(page).env("GROFF_NO_SGR", "1")).code(0);
        assert_eq!(shown.stderr, "", "{}", page.display());
        // Bold and underlined as on a printer: a letter, a backspace, the letter.
        let mut text = String::new();
        for letter in shown.stdout.chars() {
            match letter {
                '\u{8}' => drop(text.pop()),
                letter => text.push(letter),
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for page in names(&folder) {
        show(&folder.join(page));
    }
    let check = show(&folder.join("cargo-nfv-check.1"));
    for text in ["cargo nfv check", "--message-format", "sarif: SARIF 2.1.0"] {
        assert!(check.contains(text), "{text}: {check}");
    }
    let footer = concat!(
        "cargo-nfv ",
        env!("CARGO_PKG_VERSION"),
        " cargo-nfv-check(1)"
    );
    assert!(check.ends_with(footer), "{check}");
}
