//! What docs/editors.md tells to write: problem matchers on what the program prints, and
//! schemas in the language server that editors run.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use common::{Tree, copy, sh, tool, vnfd};
use regex::{Captures, Regex};
use serde_json::{Value, json};

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).expect("a file")
}

/// The blocks of a language in docs/editors.md.
fn blocks(language: &str) -> Vec<String> {
    let text = file("docs/editors.md");
    let fence = format!("```{language}\n");
    let parts = text.split(&fence).skip(1);
    let blocks = parts.map(|part| part.split("```").next().unwrap_or_default().to_owned());
    blocks.collect()
}

/// A pattern of a problem matcher.
struct Pattern {
    regex: Regex,
    parts: Value,
}

impl Pattern {
    fn of(pattern: &Value) -> Self {
        let regex = pattern["regexp"].as_str().expect("a pattern");
        Pattern {
            regex: Regex::new(regex).expect("a pattern"),
            parts: pattern.clone(),
        }
    }

    fn read(&self, line: &str) -> Option<Vec<String>> {
        let found: Captures<'_> = self.regex.captures(line)?;
        let part = |name: &str| {
            let group = self.parts[name].as_u64()?;
            Some(found.get(usize::try_from(group).ok()?)?.as_str().to_owned())
        };
        let names = ["file", "line", "column", "severity", "code", "message"];
        Some(
            names
                .iter()
                .map(|name| part(name).unwrap_or_default())
                .collect(),
        )
    }
}

/// Of each line of the short format there is one reading.
#[test]
fn problem_matchers_read_what_is_printed() {
    let matchers: Value =
        serde_json::from_str(&file(".github/problem-matcher.json")).expect("JSON");
    let matchers = matchers["problemMatcher"].as_array().expect("matchers");
    let patterns: Vec<Pattern> = matchers
        .iter()
        .map(|matcher| Pattern::of(&matcher["pattern"][0]))
        .collect();
    let tree = Tree::of(&[
        (
            "a b/a_vnfd.yaml",
            &vnfd("a_vnf").replace("provider:", "providr:"),
        ),
        ("b/b_vnfd.yaml", &vnfd("b_vnf").replace("'1.0'", "1.10")),
        ("c/c_vnfd.yaml", "vnfd:\n  id: [\n"),
        ("d/one_vnfd.yaml", &vnfd("one_vnf")),
        ("d/two_vnfd.yaml", &vnfd("two_vnf")),
        ("d/checksums.txt", "nothing\n"),
    ]);
    let run = tree
        .nfv(&["check", "--message-format", "short", "-q"])
        .code(1);
    let printed = run.stderr + &file("tests/reports/short");
    let (mut placed, mut whole) = (0, 0);
    for line in printed.lines() {
        let read: Vec<Vec<String>> = patterns.iter().filter_map(|p| p.read(line)).collect();
        // What many descriptors share has no place.
        if line.starts_with("warning[") || line.starts_with("error[") {
            assert!(read.is_empty(), "{line}");
            continue;
        }
        assert_eq!(read.len(), 1, "{line}");
        let [file, row, column, severity, code, message] = &read[0][..] else {
            panic!("{line}");
        };
        let place = match row.is_empty() {
            true => file.clone(),
            false => format!("{file}:{row}:{column}"),
        };
        assert_eq!(line, format!("{place}: {severity}[{code}]: {message}"));
        assert!(["error", "warning"].contains(&severity.as_str()));
        *(if row.is_empty() {
            &mut whole
        } else {
            &mut placed
        }) += 1;
    }
    assert!(placed > 8, "{printed}");
    assert!(whole > 0, "{printed}");
}

#[test]
fn the_task_has_the_same_pattern() {
    let matchers: Value =
        serde_json::from_str(&file(".github/problem-matcher.json")).expect("JSON");
    let blocks = blocks("json");
    let task = blocks
        .iter()
        .find(|block| block.contains("tasks"))
        .expect("a task");
    let task: Value = serde_json::from_str(task).expect("JSON");
    let task_matchers = task["tasks"][0]["problemMatcher"]
        .as_array()
        .expect("a list");
    for (i, matcher) in task_matchers.iter().enumerate() {
        let mut pattern = matcher["pattern"].clone();
        // Without a line VS Code wants to be told that there is none.
        let kind = pattern
            .as_object_mut()
            .and_then(|pattern| pattern.remove("kind"));
        assert_eq!(kind.is_some(), pattern.get("line").is_none());
        assert_eq!(pattern, matchers["problemMatcher"][i]["pattern"][0]);
    }
    assert_eq!(task_matchers.len(), 2);
    let args = task["tasks"][0]["args"].as_array().expect("arguments");
    let args: Vec<&str> = args.iter().filter_map(Value::as_str).collect();
    Tree::of(&[("a/a_vnfd.yaml", &vnfd("a_vnf"))])
        .nfv(&args)
        .code(0);
}

/// yaml-language-server, spoken to as an editor does.
struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    settings: Value,
}

impl Server {
    fn start(program: PathBuf, folder: &Path, settings: Value) -> Self {
        let mut command = Command::new(program);
        command.arg("--stdio").current_dir(folder);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.stderr(Stdio::null()).spawn().expect("started");
        let output = BufReader::new(child.stdout.take().expect("stdout"));
        let mut server = Server {
            child,
            output,
            settings,
        };
        let uri = format!("file://{}", folder.display());
        server.send(json!({"id": "start", "method": "initialize", "params": {
            "processId": std::process::id(), "rootUri": uri, "capabilities": {},
            "workspaceFolders": [{"uri": uri, "name": "tree"}],
        }}));
        while server.receive()["id"] != "start" {}
        server.send(json!({"method": "initialized", "params": {}}));
        // What is opened before the settings are there is judged without them.
        loop {
            let message = server.receive();
            if server.answer(&message) {
                return server;
            }
        }
    }

    /// Gives the settings, if that is what is asked for.
    fn answer(&mut self, message: &Value) -> bool {
        if message["method"] != "workspace/configuration" {
            return false;
        }
        let items = message["params"]["items"].as_array().expect("items");
        let section = |item: &Value| match item["section"] == "yaml" {
            true => self.settings.clone(),
            false => Value::Null,
        };
        let answer: Vec<Value> = items.iter().map(section).collect();
        self.send(json!({"id": message["id"], "result": answer}));
        true
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        let stdin = self.child.stdin.as_mut().expect("stdin");
        write!(stdin, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("sent");
        stdin.flush().expect("sent");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("a line");
            assert!(!line.is_empty(), "the server has ended");
            if line.trim().is_empty() {
                break;
            }
            if let Some(number) = line.strip_prefix("Content-Length:") {
                length = number.trim().parse().expect("a number");
            }
        }
        let mut bytes = vec![0; length];
        self.output.read_exact(&mut bytes).expect("a message");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Opens a file; the faults that the server marks in it, with their lines from 1.
    fn open(&mut self, path: &Path) -> Vec<(u64, String)> {
        let text = fs::read_to_string(path).expect("a file");
        let uri = format!("file://{}", path.display());
        self.send(
            json!({"method": "textDocument/didOpen", "params": {"textDocument": {
                "uri": uri, "languageId": "yaml", "version": 1, "text": text,
            }}}),
        );
        loop {
            let message = self.receive();
            self.answer(&message);
            if message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri.as_str()
            {
                let found = message["params"]["diagnostics"].as_array().expect("a list");
                let fault = |fault: &Value| {
                    let line = fault["range"]["start"]["line"].as_u64().expect("a line");
                    let text = fault["message"].as_str().expect("a message");
                    (line + 1, text.to_owned())
                };
                return found.iter().map(fault).collect();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// By the settings of the folder, and by the comment in the file.
#[test]
fn the_language_server_marks_faults() {
    let Some(server) = tool("yaml-language-server") else {
        return;
    };
    let broken = vnfd("a_vnf").replace("provider:", "providr:");
    let modeline = blocks("yaml")
        .into_iter()
        .find(|block| block.contains("$schema="));
    let modeline = modeline.expect("a modeline");
    let tree = Tree::of(&[
        ("good/a_vnfd.yaml", &vnfd("a_vnf")),
        ("broken/a_vnfd.yaml", &broken),
        ("good/other.yaml", &format!("{modeline}{}", vnfd("a_vnf"))),
        ("broken/other.yaml", &format!("{modeline}{broken}")),
    ]);
    for line in blocks("console")[0].lines() {
        match line.strip_prefix("$ cargo nfv ") {
            Some(args) => {
                let args: Vec<&str> = args.split(' ').collect();
                tree.nfv(&args).code(0);
            }
            None => fs::create_dir(tree.path(line.trim_start_matches("$ mkdir -p "))).expect(line),
        }
    }
    let settings: Value = serde_json::from_str(&blocks("json")[0]).expect("JSON");
    let settings = json!({"schemas": settings["yaml.schemas"]});
    // Its patterns match nothing below a hidden folder.
    let folder = tempfile::Builder::new().prefix("tree").tempdir();
    let folder = folder.expect("temporary folder");
    copy(&tree.root, folder.path(), false);
    let mut server = Server::start(server, folder.path(), settings);
    for (name, line) in [("a_vnfd.yaml", 4), ("other.yaml", 5)] {
        let found = server.open(&folder.path().join("broken").join(name));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, line, "{found:?}");
        assert!(found[0].1.contains("providr"), "{found:?}");
        let found = server.open(&folder.path().join("good").join(name));
        assert!(found.is_empty(), "{found:?}");
    }
}

/// The list that Vim makes of what the program prints.
#[test]
fn vim_reads_what_is_printed() {
    let Some(vim) = tool("nvim") else {
        return;
    };
    let tree = Tree::of(&[(
        "a/a_vnfd.yaml",
        &vnfd("a_vnf").replace("provider:", "providr:"),
    )]);
    let block = &blocks("vim")[0];
    let format = block.lines().find(|line| line.contains("errorformat="));
    let format = format.expect("a format").replace("CompilerSet", "set");
    let run = tree
        .nfv(&["check", "--message-format", "short", "-q"])
        .code(1);
    tree.file("found.txt", run.stderr);
    let script = format!(
        "{format}\ncgetfile found.txt\ncall writefile([json_encode(map(getqflist(), \
         {{_, f -> [bufname(f.bufnr), f.lnum, f.col, f.type, f.text]}}))], 'read.json')\nqall!\n"
    );
    let script = tree.file("script.vim", script);
    sh(Command::new(vim)
        .args(["--headless", "-u", "NONE", "-S"])
        .arg(script)
        .current_dir(&tree.root));
    let read: Value =
        serde_json::from_slice(&fs::read(tree.path("read.json")).expect("a list")).expect("JSON");
    let errors = read.as_array().expect("a list").iter();
    let errors: Vec<&Value> = errors.filter(|found| found[3] == "e").collect();
    assert_eq!(
        errors,
        [&json!([
            "a/a_vnfd.yaml",
            4,
            3,
            "e",
            "unknown key `providr` in `vnfd` (checked against VNFD, OSM release FIFTEEN)"
        ])]
    );
}

/// What nvim-lint is given of what the program prints, of a place and of a file as a whole.
#[test]
fn neovim_reads_what_is_printed() {
    let Some(vim) = tool("nvim") else {
        return;
    };
    let tree = Tree::of(&[
        (
            "a/a_vnfd.yaml",
            &vnfd("a_vnf").replace("provider:", "providr:"),
        ),
        (
            "a/checksums.txt",
            "d41d8cd98f00b204e9800998ecf8427e  gone\n",
        ),
    ]);
    let run = tree.nfv(&["check", "--message-format", "short"]).code(1);
    tree.file("found.txt", &run.stderr);
    let script = format!(
        "package.loaded.lint = {{ linters = {{}}, linters_by_ft = {{}} }}\n{}\n\
         local file = io.open('found.txt'):read('*a')\n\
         local found = require('lint').linters.cargo_nfv.parser(file)\n\
         local out = io.open('read.json', 'w')\n\
         out:write(vim.json.encode(found))\n\
         out:close()\n",
        blocks("lua")[0]
    );
    let script = tree.file("script.lua", script);
    sh(Command::new(vim)
        .args(["--headless", "-u", "NONE", "-c"])
        .arg(format!("luafile {}", script.display()))
        .args(["-c", "qall!"])
        .current_dir(&tree.root));
    let read: Value =
        serde_json::from_slice(&fs::read(tree.path("read.json")).expect("a list")).expect("JSON");
    let read = read.as_array().expect("a list");
    let lines = run.stderr.lines().filter(|line| line.starts_with("a/"));
    assert_eq!(read.len(), lines.count(), "{}", run.stderr);
    let of = |code: &str| {
        let found = read.iter().find(|found| found["code"] == code);
        let found = found.unwrap_or_else(|| panic!("{code} in {read:?}"));
        ["lnum", "col", "severity"].map(|key| found[key].as_u64())
    };
    // 1 is an error, 2 a warning (`:help vim.diagnostic.severity`).
    assert_eq!(of("schema/unknown-key"), [Some(3), Some(2), Some(1)]);
    assert_eq!(of("package/checksums"), [Some(0), Some(0), Some(2)]);
}

#[test]
fn hovering_says_of_every_key_more_than_the_name() {
    let tree = common::Tree::new();
    for model in ["osm@15", "sol006@4.3.1"] {
        let run = tree.nfv(&["schema", model, "--editor"]).code(0);
        let schema: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let (mut said, mut open) = (0, vec![&schema]);
        let mut silent = Vec::new();
        while let Some(node) = open.pop() {
            for (key, property) in node["properties"].as_object().into_iter().flatten() {
                // That a key must have a value is a clause beside its own.
                let is_clause = property.get("not").is_some();
                match property["description"].as_str() {
                    Some(text) => {
                        assert!(text != key && text.contains(' '), "{key}: {text}");
                        said += 1;
                    }
                    None if is_clause => {}
                    None => silent.push(key),
                }
            }
            match node {
                Value::Object(map) => open.extend(map.values()),
                Value::Array(list) => open.extend(list),
                _ => {}
            }
        }
        assert!(said > 900, "{model}: {said}");
        assert!(silent.is_empty(), "{model}: {silent:?}");
    }
}
